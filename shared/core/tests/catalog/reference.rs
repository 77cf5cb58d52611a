//! The reference of manifests, compared with what reads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gatelet_core::automation::catalog::{KEYS, KEYWORDS};

fn rows(section: &str) -> BTreeSet<String> {
    let page =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/automation-toml.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(&format!("\n## {section}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

#[test]
fn the_reference_has_every_key_and_no_other() {
    assert_eq!(rows("Keys"), KEYS.iter().map(|key| (*key).to_owned()).collect());
}

#[test]
fn the_reference_has_every_keyword_and_no_other() {
    let known = KEYWORDS.iter().map(|(keyword, _)| (*keyword).to_owned());
    assert_eq!(rows("Inputs"), known.collect());
}
