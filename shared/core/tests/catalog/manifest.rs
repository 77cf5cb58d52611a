//! The keys of a manifest.

use std::time::Duration;

use gatelet_core::automation::catalog::{KEYS, OnBusy};
use gatelet_core::automation::{Effect, Level};

use super::{SOUND, assert_noticed, mistakes, read, sound};

#[test]
fn what_is_left_out_is_cautious() {
    let one = sound();
    assert_eq!((one.effect, one.attempts, one.sandbox), (Effect::Reads, 3, Level::S1));
    assert_eq!((one.concurrency, one.on_busy), (1, OnBusy::Queue));
    assert_eq!((one.scope.as_str(), one.timeout), ("runs:write", Duration::from_mins(2)));
    assert!(one.roles.is_empty() && one.schedule.is_none());
    let unsafe_ = read(&SOUND.replace("\"reads\"", "\"unsafe\"")).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!((unsafe_.attempts, unsafe_.sandbox), (1, Level::S2));
}

#[test]
fn all_mistakes_are_told_at_once_with_their_lines() {
    let manifest = SOUND
        .replace("title = \"Access review\"", "titel = \"Access review\"")
        .replace("\"reads\"", "\"read\"")
        .replace("kind = \"aws\"", "kind = \"awz\"")
        .replace("timeout_s = 120", "timeout_s = 0");
    let found = mistakes(&manifest);
    for expected in [
        "titel: unknown; known are",
        "did you mean title?",
        "title: missing",
        "effect: must be reads, steps or unsafe",
        "connections.cloud.kind: unknown; known are aws, azure, salesforce, token; did you mean aws?",
        "timeout_s: must be a whole number from 1 to 86400",
    ] {
        assert!(found.iter().any(|one| one.contains(expected)), "{expected}: {found:?}");
    }
    let told = read(&manifest).err().unwrap().to_string();
    assert!(told.contains("access-review/automation.toml: line 5: effect"), "{told}");
}

// Proves L 25.
#[test]
fn each_key_is_refused_with_a_value_that_it_cannot_have() {
    for (old, new, expected) in [
        ("title = \"Access review\"", "title = \"\"", "title: must be one line"),
        ("title = \"Access review\"", "title = 1", "title: must be a text"),
        ("\"1.0.0\"", "\"1\\n2\"", "version: must be one line"),
        ("timeout_s = 120", "timeout_s = 1.5", "timeout_s: must be a whole number"),
        ("timeout_s = 120", "", "timeout_s: missing"),
        ("timeout_s = 120", "timeout_s = 1\nattempts = 11", "attempts: must be"),
        ("timeout_s = 120", "timeout_s = 1\nsandbox = 5", "sandbox: must be"),
        ("timeout_s = 120", "timeout_s = 1\nroles = \"admin\"", "roles: must be"),
        ("[result]", "[schedule]\nevery_s = 5\n[result]", "schedule.every_s: must be"),
        ("[result]", "[concurrency]\nlimit = 0\n[result]", "concurrency.limit: must be"),
        ("[result]", "[concurrency]\non_busy = \"wait\"\n[result]", "concurrency.on_busy: must be"),
        ("[result]", "[concurrency]\nlimits = 1\n[result]", "did you mean limit?"),
        ("[connections.cloud]", "[connections.Cloud]", "connections.Cloud: a name must be"),
        ("title = \"AWS account\"", "", "connections.cloud.title: missing"),
        ("kind = \"table\"", "kind = \"tabel\"", "result.kind: must be table, facts, text; did"),
        ("name = \"account\"", "name = \"Account\"", "result.columns.0: name must be"),
        (", title = \"Account\" }", " }", "result.columns.0: title is missing"),
        (
            "kind = \"table\"",
            "kind = \"text\"",
            "result.columns: is nothing that a result of kind text",
        ),
        ("effect = \"reads\"", "effect = \"reads", "(document): not TOML"),
    ] {
        assert_noticed(old, new, expected);
    }
}

#[test]
fn the_list_of_keys_is_the_whole_list() {
    let known = mistakes(&format!("frob = 1\n{SOUND}")).concat();
    for key in KEYS {
        let top = key.split('.').next().unwrap();
        assert!(known.contains(top), "{key}: {known}");
    }
}
