//! What may be asked by the schema.

use gatelet_core::automation::Wanted;
use gatelet_core::automation::catalog::INPUT_BYTES;
use serde_json::{Value, json};

use super::sound;

fn told(inputs: &Value) -> Vec<(String, &'static str)> {
    let found = sound().check_inputs(inputs);
    found.into_iter().map(|one| (one.pointer, one.code)).collect()
}

#[test]
fn inputs_of_the_declared_form_may_be_run() {
    assert!(told(&json!({ "accounts": "u-1" })).is_empty());
    let all = json!({ "accounts": "u-1", "days": 5, "mode": "new", "since": "2026-02-28", "tags": ["a"] });
    assert!(told(&all).is_empty());
}

#[test]
fn each_mistake_has_a_pointer_and_a_code() {
    for (inputs, pointer, code) in [
        (json!({}), "/accounts", "required"),
        (json!({ "accounts": 1 }), "/accounts", "type"),
        (json!({ "accounts": "u", "frob": 1 }), "/frob", "unknown"),
        (json!({ "accounts": "u", "a/b~": 1 }), "/a~1b~0", "unknown"),
        (json!({ "accounts": "u", "days": 0 }), "/days", "too_small"),
        (json!({ "accounts": "u", "days": 366 }), "/days", "too_large"),
        (json!({ "accounts": "u", "days": 1.5 }), "/days", "type"),
        (json!({ "accounts": "u", "mode": "old" }), "/mode", "choice"),
        (json!({ "accounts": "u", "since": "2026-02-30" }), "/since", "format"),
        (json!({ "accounts": "u", "tags": ["a", "b", "c", "d"] }), "/tags", "too_many"),
        (json!({ "accounts": "u", "tags": ["a", "a"] }), "/tags", "repeated"),
        (json!({ "accounts": "u", "tags": ["a", "B"] }), "/tags/1", "pattern"),
        (json!({ "accounts": "u", "tags": ["abcdef"] }), "/tags/0", "too_long"),
        (json!([]), "", "type"),
    ] {
        let found = told(&inputs);
        assert!(found.contains(&(pointer.to_owned(), code)), "{inputs}: {found:?}");
    }
    let several = told(&json!({ "days": 0, "mode": "x", "a": 1 }));
    assert_eq!(several.len(), 4, "all at once: {several:?}");
}

#[test]
fn no_message_repeats_what_was_sent() {
    let secret = "hunter2-hunter2";
    let inputs = json!({ "accounts": [secret], "mode": secret, "since": secret, "tags": [secret], secret: 1 });
    for one in sound().check_inputs(&inputs) {
        assert!(!one.message.contains(secret), "{one:?}");
    }
}

#[test]
fn all_inputs_together_have_an_end() {
    let long = json!({ "accounts": "a".repeat(INPUT_BYTES) });
    assert_eq!(told(&long), [(String::new(), "too_large")]);
}

// Proves L 36.
#[test]
fn the_same_request_has_one_fingerprint_however_it_is_written() {
    let of = |inputs: &str, connections: &[(&str, &str)]| {
        let connections = connections.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        let wanted = Wanted {
            inputs: serde_json::from_str(inputs).unwrap(),
            connections: connections.collect(),
        };
        wanted.fingerprint("access-review")
    };
    let one = of(r#"{"a":1,"b":[{"c":"x","d":null}]}"#, &[]);
    assert_eq!(one, of(r#" { "b" : [ { "d" : null, "c" : "\u0078" } ], "a" : 1 } "#, &[]));
    for other in [
        of(r#"{"a":2,"b":[{"c":"x","d":null}]}"#, &[]),
        of(r#"{"a":1,"b":[{"c":"x"}]}"#, &[]),
        of(r#"{"a":1,"b":[{"c":"x","d":null}]}"#, &[("cloud", "prod")]),
        of(r#"{"a":1,"b":[{"d":"x","c":null}]}"#, &[]),
    ] {
        assert_ne!(one, other);
    }
    assert_ne!(of("{}", &[("a", "bc")]), of("{}", &[("ab", "c")]));
}
