//! The glossary has every state that the code knows, and no other.

use std::collections::BTreeSet;

use crate::read;

/// Sections of the page, with the enumeration whose names stand in the first column of their table.
const SECTIONS: [(&str, &str, &str); 4] = [
    ("## Keys", "shared/core/src/token/keys/mod.rs", "KeyState"),
    ("## Runs", "shared/core/src/automation/state.rs", "State"),
    ("## Endings", "shared/core/src/revocation/cuts.rs", "Cut"),
    ("## Things that are good once", "shared/core/src/revocation/marks.rs", "MarkKind"),
];

/// The variants of an enumeration, in small letters with spaces.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let text = read(file);
    let (_, body) = text.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let words = names.map(|line| {
        let end = line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(line.len());
        let mut words = String::new();
        for letter in line[..end].chars() {
            if letter.is_ascii_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.push(letter.to_ascii_lowercase());
        }
        words
    });
    words.collect()
}

#[test]
fn the_glossary_names_every_state_and_no_other() {
    let page = read("docs/reference/states.md");
    for (title, file, name) in SECTIONS {
        let (_, section) = page.split_once(&format!("{title}\n")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| *")?.split('*').next());
        let listed: BTreeSet<String> = rows.map(str::to_owned).collect();
        assert_eq!(listed, variants(file, name), "{title} and {file}");
    }
}
