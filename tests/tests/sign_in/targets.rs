//! Where a sign-in may lead: the corpus of open redirects, and what people really ask for.

use std::collections::BTreeMap;

use gatelet_core::sign_in::{LONGEST_TARGET, ReturnTarget};
use proptest::prelude::*;
use url::Url;

const CORPUS: &str = include_str!("open-redirects.json");

fn base_url() -> Url {
    Url::parse("https://gate.example").unwrap()
}

fn read(text: &str) -> Option<String> {
    let named = BTreeMap::from([("runs".to_owned(), "/t/acme/runs".to_owned())]);
    let target = ReturnTarget::read(text, &named, &base_url()).ok()?;
    Some(target.as_str().to_owned())
}

// Proves std 14; L 26, 32, 36, 37.
#[test]
fn no_entry_of_the_corpus_of_open_redirects_is_a_target() {
    let corpus: Vec<String> = serde_json::from_str(CORPUS).unwrap();
    assert!(corpus.len() >= 60);
    for text in corpus {
        assert_eq!(read(&text), None, "{text:?}");
    }
}

#[test]
fn a_path_of_ours_and_a_name_of_the_registry_are_targets() {
    for good in [
        "/",
        "/t/acme/runs?x=1",
        "/t/acme/runs/",
        "/t/acme/people/list?name=a%20b&mail=ada%40example.org&path=%2Ffoo&share=100%25",
        "/t/acme/runs/2100-01-01T00:00:00",
        "/authors",
    ] {
        assert_eq!(read(good).as_deref(), Some(good));
    }
    assert_eq!(read("runs").as_deref(), Some("/t/acme/runs"));
    let longest = format!("/{}", "a".repeat(LONGEST_TARGET - 1));
    assert!(read(&longest).is_some());
    assert_eq!(read(&format!("{longest}a")), None);
}

#[test]
fn a_name_whose_place_is_unsound_leads_nowhere() {
    let named = BTreeMap::from([("bad".to_owned(), "/\\evil.example".to_owned())]);
    assert!(ReturnTarget::read("bad", &named, &base_url()).is_err());
}

proptest! {
    // Proves std 14; L 26.
    #[test]
    fn whatever_is_read_as_a_target_stays_at_our_origin(text in "[/\\\\.@%:?#a2fF5cC \t\r\n-]{0,12}") {
        if let Some(path) = read(&text) {
            let resolved = base_url().join(&path).unwrap();
            prop_assert_eq!(resolved.origin(), base_url().origin());
            prop_assert!(path.starts_with('/') && !path.contains("//") && !path.contains('\\'));
            prop_assert_eq!(&resolved[url::Position::BeforePath..], &path);
        }
    }
}
