//! Which rule of the standards, and which lesson of comparable systems, is proved by which test.
//!
//! A test names what it proves in the line above it: `// Proves std 15, 16; L 10.` The rules stand in
//! `tests/coverage/standards.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{fs, io};

use serde::Deserialize;

use crate::{listed, project};

/// The rules, and what proves each.
pub struct Coverage {
    rules: Rules,
    proofs: BTreeMap<(Kind, u16), Vec<Proof>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Std,
    Lesson,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    std: BTreeMap<String, Rule>,
    lesson: BTreeMap<String, Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    says: String,
    later: Option<String>,
    not_ours: Option<String>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Proof {
    file: String,
    test: String,
}

impl Coverage {
    /// Reads the rules and every test of the project.
    pub fn read() -> io::Result<Self> {
        let text = fs::read_to_string(project().join("tests/coverage/standards.toml"))?;
        let rules = toml::from_str(&text).map_err(io::Error::other)?;
        let mut found: BTreeMap<_, Vec<Proof>> = BTreeMap::new();
        for file in listed(&["*.rs", "*.py", "*.mjs"])? {
            let source = fs::read_to_string(project().join(&file))?;
            let lines: Vec<&str> = source.lines().collect();
            for (index, line) in lines.iter().enumerate() {
                let Some(named) = proved(line) else { continue };
                let name = lines.iter().skip(index).find_map(|line| test_name(line));
                let name = name.unwrap_or_else(|| "?".into());
                for rule in named {
                    let proof = Proof { file: file.clone(), test: name.clone() };
                    found.entry(rule).or_default().push(proof);
                }
            }
        }
        for of_rule in found.values_mut() {
            of_rule.sort();
            of_rule.dedup();
        }
        Ok(Self { rules, proofs: found })
    }

    /// What is wrong: a rule that nothing proves and nothing excuses, an excuse for what is proved, a test that
    /// names a rule that is not there.
    #[must_use]
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (kind, number, rule) in self.each() {
            let excused = rule.later.is_some() || rule.not_ours.is_some();
            let name = kind.name(number);
            match (self.proofs.contains_key(&(kind, number)), excused) {
                (false, false) => mistakes.push(format!("{name} is not proved: {}", rule.says)),
                (true, true) => mistakes.push(format!("{name} is proved and excused")),
                _ => {}
            }
        }
        for ((kind, number), proofs) in &self.proofs {
            let (name, known) = (kind.name(*number), self.rules(*kind));
            if !known.contains_key(&number.to_string()) {
                let file = proofs.first().map_or("", |proof| proof.file.as_str());
                mistakes.push(format!("{file} proves {name}, which is no rule"));
            }
        }
        mistakes
    }

    /// The page that shows it all.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::from(
            "# Which rule is proved by which test\n\n\
             Made from `tests/coverage/standards.toml` and the tests; do not edit. Each rule is proved by the tests\n\
             named, waits for something named, or does not apply for the reason named.\n",
        );
        for (kind, title) in
            [(Kind::Std, "The standards"), (Kind::Lesson, "Lessons of comparable systems")]
        {
            let _ = write!(page, "\n## {title}\n\n| rule | says | proved by |\n|---|---|---|\n");
            for (_, number, rule) in self.each().into_iter().filter(|(of, ..)| *of == kind) {
                let proofs = self.proofs.get(&(kind, number)).map_or(&[][..], Vec::as_slice);
                let cell = match (&rule.later, &rule.not_ours) {
                    _ if !proofs.is_empty() => cell(proofs),
                    (Some(what), _) => format!("*later:* {what}"),
                    (_, Some(why)) => format!("*not ours:* {why}"),
                    _ => "**nothing**".into(),
                };
                let _ = writeln!(page, "| {number} | {} | {cell} |", rule.says);
            }
        }
        page
    }

    fn rules(&self, kind: Kind) -> &BTreeMap<String, Rule> {
        match kind {
            Kind::Std => &self.rules.std,
            Kind::Lesson => &self.rules.lesson,
        }
    }

    fn each(&self) -> Vec<(Kind, u16, &Rule)> {
        let numbered = |kind: Kind| {
            let rules = self.rules(kind).iter();
            let mut rules: Vec<_> = rules
                .filter_map(|(number, rule)| Some((kind, number.parse().ok()?, rule)))
                .collect();
            rules.sort_by_key(|(_, number, _)| *number);
            rules
        };
        [numbered(Kind::Std), numbered(Kind::Lesson)].concat()
    }
}

impl Kind {
    fn name(self, number: u16) -> String {
        match self {
            Self::Std => format!("std {number}"),
            Self::Lesson => format!("L {number}"),
        }
    }
}

fn cell(proofs: &[Proof]) -> String {
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Proof { file, test } in proofs {
        files.entry(file).or_default().push(test.replace('_', " ").replace('|', "/"));
    }
    let cells = files.iter().map(|(file, tests)| format!("`{file}`: {}", tests.join("; ")));
    cells.collect::<Vec<_>>().join("<br>")
}

/// The rules that a line says are proved: `// Proves std 15, 16; L 10.`
fn proved(line: &str) -> Option<Vec<(Kind, u16)>> {
    let line = line.trim();
    let said = line.strip_prefix("// Proves ").or_else(|| line.strip_prefix("# Proves "))?;
    let mut rules = Vec::new();
    for part in said.trim_end_matches('.').split(';') {
        let part = part.trim();
        let (kind, numbers) = match (part.strip_prefix("std "), part.strip_prefix("L ")) {
            (Some(numbers), _) => (Kind::Std, numbers),
            (_, Some(numbers)) => (Kind::Lesson, numbers),
            _ => return None,
        };
        for number in numbers.split(',') {
            rules.push((kind, number.trim().parse().ok()?));
        }
    }
    Some(rules)
}

/// The name in a line that begins a test, in any of the languages that tests are written in.
fn test_name(line: &str) -> Option<String> {
    let line = line.trim();
    let begins = ["fn ", "async fn ", "pub async fn ", "pub fn ", "pub(crate) async fn ", "def "];
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let named = begins.iter().find_map(|begin| line.strip_prefix(begin));
    if let Some(name) = named.and_then(|rest| rest.split(ends).next()) {
        return Some(name.to_owned());
    }
    let quoted = ["test(", "scene(", "await test(", "await step(", "step("];
    let rest = quoted.iter().find_map(|begin| line.strip_prefix(begin))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    rest.get(1..)?.split(quote).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Kind, proved, test_name};

    #[test]
    fn reads_what_a_line_proves_and_which_test_it_stands_above() {
        let rules = proved("    // Proves std 15, 16; L 10.").unwrap();
        assert!(rules == [(Kind::Std, 15), (Kind::Std, 16), (Kind::Lesson, 10)]);
        assert!(proved("# Proves L 3.").unwrap() == [(Kind::Lesson, 3)]);
        assert!(proved("// It proves nothing.").is_none());
        assert!(proved("// Proves all 3.").is_none());
        assert_eq!(
            test_name("async fn a_code_is_good_once() {").as_deref(),
            Some("a_code_is_good_once")
        );
        assert_eq!(test_name("test('two tabs', async () => {").as_deref(), Some("two tabs"));
        assert_eq!(test_name("#[tokio::test]"), None);
    }
}
