//! The pages hold together: each block has a purpose that something proves, each link leads somewhere, each
//! guide says for whom it is.

use std::collections::BTreeMap;
use std::path::Path;

use gatelet_tests::pages::{Block, Kind, Page};
use gatelet_tests::{listed, project};

use crate::read;

/// Lines that the README may have.
const README_LINES: usize = 200;
/// What a page says that has commands which no test runs.
const NOT_RUN: &str = "needs a cloud account";
/// Words that tell the reader that something is less than it is to them.
const BELITTLING: [&str; 5] = ["simply", "just", "easy", "please", "oops"];

fn pages() -> Vec<Page> {
    let pages = Page::all().unwrap();
    assert!(pages.len() > 20, "git lists the pages");
    pages
}

fn below(page: &Page, folders: &[&str]) -> bool {
    folders.iter().any(|folder| page.name.starts_with(folder))
}

#[test]
fn every_block_has_a_purpose_that_is_tested() {
    for page in pages() {
        for block in page.blocks() {
            let place = format!("{}:{}", page.name, block.line);
            match block.kind() {
                Kind::Unknown => panic!("{place}: ```{} says not what tests it", block.info),
                Kind::Commands | Kind::Account => {
                    let typed = block.lines.first().is_some_and(|line| line.starts_with("$ "));
                    assert!(typed, "{place}: begin with a command");
                }
                Kind::Ci => assert_run_by_ci(&block, &place),
                Kind::File(path) => assert_part_of(&block, &path, &place),
                Kind::Text => {
                    let types = block.lines.iter().any(|line| line.starts_with("$ "));
                    assert!(!types, "{place}: a command that nothing runs");
                }
            }
        }
    }
}

/// A snippet is the file that it names, or some of its lines without a gap.
fn assert_part_of(block: &Block, path: &Path, place: &str) {
    let text = read(path.to_str().unwrap());
    let whole: Vec<&str> = text.lines().map(str::trim_end).collect();
    let found = whole.windows(block.lines.len().max(1)).any(|part| part == block.lines);
    assert!(found, "{place}: this is not what stands in {}", path.display());
    let stem = path.to_str().unwrap();
    let shown_by_a_walk = pages().iter().any(|page| {
        let blocks = page.blocks();
        blocks.iter().any(|block| block.kind() == Kind::File(path.into()))
            && blocks.iter().any(|block| block.kind() == Kind::Commands)
    });
    assert!(shown_by_a_walk || is_tested(stem), "{place}: no test uses {stem}");
}

/// Whether a test, its runner, or another example names a file.
fn is_tested(file: &str) -> bool {
    let places = ["tests/*.rs", "tests/*.mjs", "tests/*.py", "xtask/*.rs", "docs/examples/*.js"];
    let sources = listed(&places).unwrap();
    let name = Path::new(file).file_name().unwrap().to_str().unwrap();
    sources.iter().any(|source| read(source).contains(name))
}

/// Commands of continuous integration stand in its script, its workflow or the parts of the test run.
fn assert_run_by_ci(block: &Block, place: &str) {
    let parts = read("xtask/src/parts.rs").split_whitespace().collect::<String>();
    let scripts = format!("{}{}", read(".ci/run"), read(".github/workflows/ci.yml"));
    for command in block.commands() {
        let words: Vec<&str> = command.typed.split_whitespace().collect();
        let step: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let installs = words.starts_with(&["cargo", "xtask", "tools"])
            && step.iter().skip(3).all(|tool| parts.contains(tool));
        let plays = words.starts_with(&["cargo", "xtask", "test", "--only"])
            && step.iter().skip(4).all(|part| parts.contains(&format!("name:{part}")));
        let runs = installs
            || plays
            || parts.contains(&step.join(","))
            || scripts.contains(&command.typed);
        assert!(runs, "{place}: continuous integration does not run `{}`", command.typed);
    }
}

#[test]
fn commands_that_nobody_runs_are_counted_and_their_pages_say_so() {
    let mut counted = BTreeMap::new();
    for page in pages() {
        let account = page.blocks().iter().filter(|block| block.kind() == Kind::Account).count();
        if account > 0 {
            assert!(page.text.contains(NOT_RUN), "{}: say that it {NOT_RUN}", page.name);
            counted.insert(page.name, account);
        }
    }
    let (pages, blocks) = (counted.len(), counted.values().sum::<usize>());
    let told = format!("{blocks} blocks of commands on {pages} pages");
    let map = read("docs/README.md");
    assert!(map.contains(&told), "docs/README.md: there are {told} that no test runs: {counted:?}");
}

#[test]
fn every_link_leads_to_a_file_and_an_anchor_that_are_there() {
    let pages = pages();
    let mut followed = 0;
    for page in &pages {
        for (line, target) in page.links() {
            if target.starts_with("https://") || target.starts_with("http://localhost") {
                continue;
            }
            followed += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() { page.name.clone().into() } else { page.resolve(file) };
            let place = format!("{}:{line}: {target}", page.name);
            assert!(project().join(&path).exists(), "{place} is not there");
            if !anchor.is_empty() {
                let found = pages.iter().find(|other| Path::new(&other.name) == path);
                let anchors = found.map(Page::anchors).unwrap_or_default();
                assert!(anchors.iter().any(|one| one == anchor), "{place}: no such anchor");
            }
        }
    }
    assert!(followed > 30, "the pages lead to each other");
}

#[test]
fn every_guide_begins_with_its_reader_its_outcome_and_its_time() {
    for page in pages() {
        let is_guide = below(&page, &["docs/tutorials/", "docs/guides/", "docs/explain/"]);
        let mut lines = page.text.lines();
        let title = lines.next().unwrap_or_default();
        assert!(title.starts_with("# "), "{}: begin with a title", page.name);
        if is_guide {
            let first: Vec<&str> = lines
                .skip_while(|line| line.is_empty())
                .take_while(|line| !line.is_empty())
                .collect();
            let first = first.join(" ");
            for said in ["**For** ", "**You will", "**It takes** "] {
                assert!(first.contains(said), "{}: begin with {said}", page.name);
            }
        }
    }
}

#[test]
fn no_page_tells_its_reader_that_something_is_trivial() {
    for page in pages().iter().filter(|page| page.name != "docs/reference/standards.md") {
        for (number, line) in page.prose() {
            let lower = line.to_lowercase();
            let mut words = lower.split(|c: char| !c.is_alphanumeric());
            let found = words.find(|word| BELITTLING.contains(word));
            assert_eq!(found, None, "{}:{number}", page.name);
        }
    }
}

#[test]
fn the_readme_stays_short_and_every_page_is_on_the_map() {
    let lines = read("README.md").lines().count();
    assert!(lines <= README_LINES, "README.md has {lines} lines");
    let pages = pages();
    let map = pages.iter().find(|page| page.name == "docs/README.md").unwrap();
    let on_it: Vec<_> = map.links().into_iter().map(|(_, target)| map.resolve(&target)).collect();
    for page in pages.iter().filter(|page| below(page, &["docs/"])) {
        let itself = page.name == map.name || below(page, &["docs/decisions/"]);
        let shown = on_it.iter().any(|path| path == Path::new(&page.name));
        assert!(itself || shown, "{} is not on the map in docs/README.md", page.name);
    }
}
