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
fn front_door_sends_every_declared_route_to_its_app() {
    let file = project().join("infra/azure/modules/front-door-paths.bicep");
    let rules = fs::read_to_string(file).unwrap();
    let patterns_of = |app: &'static str| {
        let (_, rule) = rules.split_once(&format!("resource {app}Paths ")).unwrap();
        let (_, patterns) = rule.split_once("patternsToMatch: [").unwrap();
        let (patterns, _) = patterns.split_once(']').unwrap();
        let each = patterns.lines().map(|line| line.trim().trim_matches('\''));
        each.filter(|line| !line.is_empty()).map(|line| (line.to_owned(), app)).collect::<Vec<_>>()
    };
    let patterns = [patterns_of("auth"), patterns_of("api")].concat();
    let fits = |path: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => start.ends_with('/') && path.starts_with(start),
        None => path == pattern,
    };
    for (app, routes) in [("auth", all::auth_routes()), ("api", all::api_routes())] {
        for route in routes.declared() {
            // Front Door takes the most specific of those that fit.
            let fitting = patterns.iter().filter(|(pattern, _)| fits(route.path, pattern));
            let best = fitting.max_by_key(|(pattern, _)| pattern.len());
            let best = best.map(|(_, app)| *app);
            assert_eq!(best, Some(app), "{} among {patterns:?}", route.path);
        }
    }
}
