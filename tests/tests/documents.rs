//! The references say what the code does: every error, every setting.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gatelet_edge::Problem;
use gatelet_tests::project;

fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap()
}

#[test]
fn every_problem_stands_in_the_reference_with_its_status() {
    let reference = read("docs/reference/errors.md");
    let listed: BTreeSet<(String, String)> = reference
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            Some((cells.next()?.trim_matches('`').to_owned(), cells.next()?.to_owned()))
        })
        .filter(|(_, status)| status.parse::<u16>().is_ok())
        .collect();
    let declared = Problem::ALL.map(|problem| {
        let (status, code, _) = problem.describe();
        (code.to_owned(), status.as_u16().to_string())
    });
    assert_eq!(listed, BTreeSet::from(declared));
}

#[test]
fn every_setting_stands_in_the_reference_and_nothing_else_does() {
    let mut read_by_code = BTreeSet::new();
    for file in files_below(&project().join("shared/host/src")) {
        let text = fs::read_to_string(file).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        let literals = product.split('"').skip(1).step_by(2);
        read_by_code.extend(literals.filter(|word| is_setting(word)).map(str::to_owned));
    }
    let reference = read("docs/reference/configuration.md");
    let documented: BTreeSet<String> = reference
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| is_setting(word))
        .map(str::to_owned)
        .collect();
    assert_eq!(documented, read_by_code);
}

fn is_setting(word: &str) -> bool {
    word.strip_prefix("GATELET_").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    })
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}
