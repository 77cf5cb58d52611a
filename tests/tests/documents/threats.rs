//! The threat model names tests that exist, at least one for each threat.

use std::collections::BTreeSet;

use gatelet_tests::listed;

use crate::read;

/// Every test's name: functions below a test attribute, and the titles of the browser's tests with `_` for spaces.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in listed(&["*.rs", "*.mjs"]).unwrap() {
        let text = read(&file);
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let title = ["test('", "await step('", "scene('"]
                .iter()
                .find_map(|begin| line.strip_prefix(begin));
            if let Some(title) = title.and_then(|rest| rest.split('\'').next()) {
                names.insert(title.replace([' ', ','], "_").replace("__", "_"));
            }
            let is_test = line == "#[test]" || line.starts_with("#[tokio::test");
            let function = is_test.then(|| {
                let mut after = lines.by_ref().take(4);
                after.find_map(|line| {
                    line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")
                })
            });
            let name = function.flatten().and_then(|rest| rest.split('(').next());
            names.extend(name.map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_threat_is_answered_by_tests_that_exist() {
    let page = read("docs/threat-model.md");
    let (tests, mut threats) = (tests(), 0);
    let mut in_table = false;
    for line in page.lines() {
        in_table = line.starts_with("| threat |") || (in_table && line.starts_with('|'));
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        if !in_table || line.starts_with("| threat |") || line.starts_with("|---") {
            continue;
        }
        threats += 1;
        let named: Vec<&str> = cells.last().unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test answers: {line}");
        for name in named {
            assert!(tests.contains(name), "there is no test {name}: {line}");
        }
    }
    assert!(threats > 40, "the threat model has threats: {threats}");
}

#[test]
fn what_is_no_test_is_not_found() {
    let tests = tests();
    assert!(tests.contains("every_threat_is_answered_by_tests_that_exist"));
    assert!(!tests.contains("read") && !tests.contains("tests"));
}
