//! The pages of the documentation, taken apart: blocks of code, headings, anchors and links.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use crate::{listed, project};

/// One Markdown file.
pub struct Page {
    /// Its path from the project's folder.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// A fenced block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line on which it begins, counted from one.
    pub line: usize,
    /// What follows the fence's back-ticks.
    pub info: String,
    /// The lines inside, without the indentation of the fence.
    pub lines: Vec<String>,
}

/// What a block is for, by its info string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `console`: commands after `$ `, each with what it prints. The tests run them.
    Commands,
    /// `console account`: commands that need a cloud account. The tests count them.
    Account,
    /// `console ci`: commands that continuous integration runs.
    Ci,
    /// `LANGUAGE file=PATH`: a file of the project, or a part of it.
    File(PathBuf),
    /// `text`: a drawing or a form, nothing to run.
    Text,
    /// Anything else, which no page may have.
    Unknown,
}

/// A command of a block, and the lines that are printed under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What is typed, which may have several lines.
    pub typed: String,
    /// What comes back, where `…` stands for anything in a line and for any lines.
    pub printed: Vec<String>,
}

impl Page {
    /// Every page of the project.
    pub fn all() -> io::Result<Vec<Self>> {
        let read = |name: String| {
            let text = fs::read_to_string(project().join(&name))?;
            Ok(Self { name, text })
        };
        listed(&["*.md"])?.into_iter().map(read).collect()
    }

    /// Its fenced blocks in order.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        self.split().1
    }

    /// Its lines outside of fenced blocks, with their numbers.
    #[must_use]
    pub fn prose(&self) -> Vec<(usize, &str)> {
        self.split().0
    }

    fn split(&self) -> (Vec<(usize, &str)>, Vec<Block>) {
        let (mut prose, mut blocks, mut open) = (Vec::new(), Vec::new(), None::<(usize, Block)>);
        for (index, line) in self.text.lines().enumerate() {
            let bare = line.trim_start();
            let indent = line.len() - bare.len();
            match (open.as_mut(), bare.strip_prefix("```")) {
                (None, Some(info)) => {
                    let info = info.trim().to_owned();
                    open = Some((indent, Block { line: index + 1, info, lines: Vec::new() }));
                }
                (None, None) => prose.push((index + 1, line)),
                (Some(_), Some("")) => blocks.extend(open.take().map(|(_, block)| block)),
                (Some((indent, block)), _) => {
                    let inside = line.get(*indent..).unwrap_or(bare);
                    block.lines.push(inside.trim_end().to_owned());
                }
            }
        }
        // A fence that is never closed would hide what follows it.
        blocks.extend(open.map(|(_, block)| Block { info: "not closed".into(), ..block }));
        (prose, blocks)
    }

    /// What can follow `#` in a link to it: headings as hosting platforms name them, and explicit anchors.
    #[must_use]
    pub fn anchors(&self) -> Vec<String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut anchors = Vec::new();
        for (_, line) in self.prose() {
            let explicit = line.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
            anchors.extend(explicit.map(str::to_owned));
            if let Some(title) = line.trim_start_matches('#').strip_prefix(' ')
                && line.starts_with('#')
            {
                let slug = slug(title);
                let again = seen.entry(slug.clone()).or_insert(0);
                anchors.push(if *again == 0 { slug } else { format!("{slug}-{again}") });
                *again += 1;
            }
        }
        anchors
    }

    /// The targets of its links and pictures, with their lines.
    #[must_use]
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in self.prose() {
            // What stands between back-ticks is no link.
            let outside: String = line.split('`').step_by(2).collect();
            for rest in outside.split("](").skip(1) {
                let target = rest.split(')').next().unwrap_or_default();
                links.push((number, target.to_owned()));
            }
            for attribute in ["src=\"", "srcset=\"", "href=\""] {
                let found = outside.split(attribute).skip(1);
                let targets = found.filter_map(|rest| rest.split('"').next());
                links.extend(targets.map(|target| (number, target.to_owned())));
            }
        }
        links
    }

    /// The path from the project's folder to which a link of this page leads.
    #[must_use]
    pub fn resolve(&self, target: &str) -> PathBuf {
        let folder = Path::new(&self.name).parent().unwrap_or(Path::new(""));
        let mut path = PathBuf::new();
        for part in folder.join(target).components() {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                other => path.push(other),
            }
        }
        path
    }
}

impl Block {
    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let words: Vec<&str> = self.info.split(' ').collect();
        match words.as_slice() {
            ["console"] => Kind::Commands,
            ["console", "account"] => Kind::Account,
            ["console", "ci"] => Kind::Ci,
            ["text"] => Kind::Text,
            [_, file] => {
                file.strip_prefix("file=").map_or(Kind::Unknown, |path| Kind::File(path.into()))
            }
            _ => Kind::Unknown,
        }
    }

    /// Its commands. A line that ends in a backslash goes on in the next, and `> ` begins the further lines of one.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        let mut goes_on = false;
        for line in &self.lines {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(typed), _) => {
                    commands.push(Command { typed: typed.to_owned(), printed: Vec::new() });
                }
                (None, Some(command)) if goes_on => {
                    command.typed.push('\n');
                    command.typed.push_str(line.strip_prefix("> ").unwrap_or(line));
                }
                (None, Some(command)) => command.printed.push(line.clone()),
                (None, None) => {}
            }
            goes_on = line.ends_with('\\') && (goes_on || line.starts_with("$ "));
        }
        commands
    }
}

/// A heading's anchor.
fn slug(title: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let lower = title.trim().to_lowercase();
    lower.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Page};

    #[test]
    fn a_page_is_taken_apart() {
        let text = "# One, two\n[a](b.md#c) `[no](link)`\n<a id=\"x\"></a>\n   ```console\n   $ one \\\n     more\n   said\n   $ two\n   ```\n## One two\n## One two\n";
        let page = Page { name: "docs/guides/a.md".into(), text: text.into() };
        assert_eq!(page.anchors(), ["one-two", "x", "one-two-1", "one-two-2"]);
        assert_eq!(page.links(), [(2, "b.md#c".to_owned())]);
        assert_eq!(page.resolve("../b.md").to_str(), Some("docs/b.md"));
        let blocks = page.blocks();
        assert_eq!((blocks.len(), blocks[0].line, blocks[0].kind()), (1, 4, Kind::Commands));
        let commands = blocks[0].commands();
        assert_eq!(commands[0].typed, "one \\\n  more");
        assert_eq!(commands[0].printed, ["said"]);
        assert_eq!((commands[1].typed.as_str(), commands[1].printed.len()), ("two", 0));
    }

    #[test]
    fn a_block_without_a_known_purpose_is_noticed() {
        let kinds = |text: &str| {
            let page = Page { name: "a.md".into(), text: text.into() };
            page.blocks().iter().map(super::Block::kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("```sh\nls\n```"), [Kind::Unknown]);
        assert_eq!(kinds("```console\n$ ls"), [Kind::Unknown]);
        assert_eq!(kinds("```toml file=docs/a.toml\n```"), [Kind::File("docs/a.toml".into())]);
        assert_eq!(kinds("```console account\n```\n```text\n```"), [Kind::Account, Kind::Text]);
    }
}
