//! Every rule of the standards is proved by a test, or says why it is not; the page says which.

use std::fs;

use gatelet_tests::coverage::Coverage;
use gatelet_tests::project;

#[test]
fn every_rule_is_proved_or_says_why_not() {
    let mistakes = Coverage::read().unwrap().mistakes();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn the_page_shows_it_as_it_is() {
    let page = fs::read_to_string(project().join("docs/reference/standards.md")).unwrap();
    assert_eq!(page, Coverage::read().unwrap().page(), "cargo xtask bless writes it");
}
