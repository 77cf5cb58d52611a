//! The API's description says what the routes declare, all of it, and nothing that has gone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;

use gatelet_edge::openapi::described_path;
use gatelet_tests::{declared, project};
use serde_json::Value;

fn committed() -> (String, Value) {
    let (path, _) = declared::api_description();
    let text = fs::read_to_string(project().join(path)).unwrap();
    let document = serde_json::from_str(&text).unwrap();
    (text, document)
}

#[test]
fn the_committed_description_is_what_the_code_says() {
    let (path, expected) = declared::api_description();
    assert_eq!(committed().0, expected, "{path}: `cargo xtask bless` writes it");
}

#[test]
fn every_declared_route_is_described() {
    let routes = all::routes();
    let undescribed: Vec<&str> = routes
        .described()
        .filter(|(_, description)| description.is_none())
        .map(|(route, _)| route.name)
        .collect();
    assert!(undescribed.is_empty(), "call `describe` after the declaration of {undescribed:?}");
}

#[test]
fn the_paths_are_those_of_the_routes() {
    let (_, document) = committed();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            described.insert((method.to_uppercase(), path.clone(), name));
        }
    }
    let routes = all::routes();
    let declared = routes.declared().iter();
    let declared =
        declared.map(|r| (r.method.name().to_owned(), described_path(r.path), r.name.to_owned()));
    assert_eq!(described, declared.collect());
}

#[test]
fn every_reference_leads_to_something() {
    let (text, document) = committed();
    assert_eq!(document["openapi"], "3.1.0");
    let references: BTreeSet<&str> =
        text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!references.is_empty());
    for pointer in references {
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
