//! What Azure is told about the routes is what they declare: `function.json`, and the paths of Front Door.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use gatelet_tests::{declared, function_json, project};

#[test]
fn every_file_says_what_the_route_declares() {
    for (path, text) in function_json::files() {
        let found = fs::read_to_string(project().join(&path)).unwrap_or_default();
        assert_eq!(found, text, "{}: `cargo xtask bless` writes it", path.display());
    }
}

#[test]
fn no_file_is_left_of_a_function_that_has_gone() {
    let wanted: BTreeSet<PathBuf> =
        function_json::files().into_iter().map(|(path, _)| path).collect();
    let mut found = BTreeSet::new();
    for package in fs::read_dir(project().join("functions")).unwrap() {
        let package = package.unwrap().path();
        for folder in fs::read_dir(&package).unwrap() {
            let file = folder.unwrap().path().join("function.json");
            if file.is_file() {
                found.insert(file.strip_prefix(project()).unwrap().to_owned());
            }
        }
    }
    assert_eq!(found, wanted);
}

#[test]
fn every_declared_route_is_a_function() {
    let of_all = all::routes().declared().to_vec();
    assert_eq!(declared::routes(), of_all);
}

#[test]
fn front_door_knows_a_path_for_every_declared_route() {
    let rules = fs::read_to_string(project().join("infra/azure/modules/front-door-paths.bicep"));
    let rules = rules.unwrap();
    let patterns: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix('\'')?.strip_suffix("*'"))
        .filter(|start| start.starts_with('/') && start.ends_with('/'))
        .collect();
    assert!(!patterns.is_empty());
    for route in all::routes().declared() {
        let known = patterns.iter().any(|start| route.path.starts_with(start));
        assert!(known, "{} has no rule among {patterns:?}", route.path);
    }
}
