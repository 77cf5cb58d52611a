//! The commands of whoever operates a gateway: what they say, and the code they end with.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use gatelet::Desk;
use serde_json::Value;

const NO: i32 = 1;
const COULD_NOT: i32 = 3;
const WRONG_USAGE: i32 = 64;

#[test]
fn a_sound_registry_is_told_and_an_unsound_one_is_answered_with_no() {
    let desk = Desk::new();
    let said = desk.run(&["check"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("acme, globex, initech"), "{said:?}");
    assert!(!desk.path().join(".gatelet").exists(), "a check leaves nothing behind");

    let printed = include_str!("../../docs/examples/registry.toml");
    std::fs::write(desk.path().join("registry.toml"), printed).unwrap();
    let words = ["check", "--config", "registry.toml", "--base-url", "https://gate.example"];
    let said = desk.run(&words);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("entra: sid is an optional claim"), "{said:?}");
    let said = desk.run(words.get(..3).unwrap());
    assert_eq!(said.code, NO, "it is no registry for this machine: {said:?}");

    std::fs::write(desk.path().join("registry.toml"), "[tenant.acme]\n").unwrap();
    let said = desk.run(words.get(..3).unwrap());
    assert_eq!(said.code, NO, "{said:?}");
    assert!(said.err.contains("line 1  tenant  unknown section"), "{said:?}");
    let said = desk.run(&["check", "--config", "registry.toml", "--json"]);
    assert_eq!((said.code, said.err.as_str()), (NO, ""), "{said:?}");
    assert_eq!(said.json().pointer("/errors/0/line"), Some(&1.into()));

    let wrong = printed.replace("inputs = {}", "inputs = { prefix = 4, days = 9 }");
    std::fs::write(desk.path().join("registry.toml"), wrong).unwrap();
    let said = desk.run(&words);
    assert_eq!(said.code, NO, "{said:?}");
    for part in ["nightly-inventory.inputs.prefix", "must be a text", "There is no such input"] {
        assert!(said.err.contains(part), "{part} is missing: {said:?}");
    }

    let said = desk.run(&["check", "--config", "absent.toml"]);
    assert_eq!(said.code, COULD_NOT, "not found is not unsound: {said:?}");
}

#[test]
fn a_rotation_publishes_a_second_key_once() {
    let desk = Desk::with_store();
    let keys = |desk: &Desk| {
        let said = desk.run(&["keys", "list", "--json"]);
        let keys = said.json().pointer("/keys").and_then(Value::as_array).unwrap().clone();
        keys.iter().map(|key| key.get("state").unwrap().clone()).collect::<Vec<Value>>()
    };
    assert_eq!(keys(&desk), ["current"]);
    let [first, second] = [(); 2].map(|()| desk.run(&["keys", "rotate", "--json"]));
    assert_eq!((first.code, second.code), (0, 0));
    assert_eq!(
        first.json().pointer("/key/kid"),
        second.json().pointer("/key/kid"),
        "a rotation that was begun is not begun again"
    );
    let mut states = keys(&desk);
    states.sort_by_key(ToString::to_string);
    assert_eq!(states, ["current", "next"]);
}

#[test]
fn a_key_that_is_needed_is_not_retired() {
    let desk = Desk::with_store();
    let kid = |said: gatelet::Said, at: &str| {
        said.json().pointer(at).unwrap().as_str().unwrap().to_owned()
    };
    let current = kid(desk.run(&["keys", "list", "--json"]), "/keys/0/kid");
    let next = kid(desk.run(&["keys", "rotate", "--json"]), "/key/kid");
    for (kid, cause) in [
        (current.as_str(), "it is the key that signs"),
        (&next, "it has signed nothing yet"),
        ("unknown", "no key of this name is published"),
        ("-hV0VbYlVt9vQ4-Tq1T4kQf3xM_3Pb2O0v5oVw2uD5M", "no key of this name is published"),
        ("--V0VbYlVt9vQ4-Tq1T4kQf3xM_3Pb2O0v5oVw2uD5M", "no key of this name is published"),
    ] {
        for words in [&["keys", "retire", kid][..], &["keys", "retire", kid, "--yes"]] {
            let said = desk.run(words);
            assert_eq!(said.code, NO, "{said:?}");
            assert!(said.err.starts_with("error: the key was not retired\n"), "{said:?}");
            assert!(said.err.contains(cause), "{said:?}");
        }
    }
    let listed = desk.run(&["keys", "list"]).out;
    assert!(listed.contains(&current) && listed.contains(&next), "{listed}");
}

#[test]
fn a_secret_of_our_own_is_not_pushed_out_while_it_is_in_use() {
    let desk = Desk::with_store();
    let rotate =
        |words: &[&str]| desk.run(&[&["secrets", "rotate", "refresh-pepper"], words].concat());
    let said = rotate(&[]);
    assert_eq!(said.code, 0, "the one before it stays readable: {said:?}");
    let said = rotate(&[]);
    assert_eq!(said.code, NO, "{said:?}");
    assert!(said.err.starts_with("error: refresh-pepper was not rotated\n"), "{said:?}");
    assert!(said.err.contains("next   wait for 25 h"), "{said:?}");
    assert_eq!(rotate(&["--yes"]).code, 0);

    let said = desk.run(&["secrets", "list"]);
    let told = said.out.lines().find(|line| line.starts_with("refresh-pepper")).unwrap();
    assert!(told.ends_with('3'), "three versions are listed: {said:?}");
}

#[test]
fn a_providers_secret_comes_from_standard_input_and_is_never_shown() {
    let desk = Desk::with_store();
    let rotate = ["secrets", "rotate", "provider-pocket"];
    let said = desk.run_with(&rotate, "V4lue-of-a-secret\n");
    assert_eq!(said.code, 0, "{said:?}");
    let stored = desk.path().join(".gatelet/secrets/provider-pocket/1");
    assert_eq!(std::fs::read(stored).unwrap(), b"V4lue-of-a-secret", "without the line break");
    for words in [&["secrets", "list"][..], &["secrets", "list", "--json"]] {
        let again = desk.run(words);
        assert!(again.out.contains("provider-pocket"), "{again:?}");
        assert!(!format!("{said:?}{again:?}").contains("V4lue"), "{again:?}");
    }
    assert_eq!(desk.run_with(&rotate, "\n").code, WRONG_USAGE, "an empty value is none");
    assert_eq!(desk.run_with(&["secrets", "rotate", "pocket-signing-key"], "x").code, WRONG_USAGE);
    assert_eq!(desk.run_with(&["secrets", "rotate", "provider-/../x"], "x").code, WRONG_USAGE);
}

#[test]
fn looking_into_a_store_that_is_not_there_makes_none() {
    let desk = Desk::new();
    for words in [&["keys", "list"][..], &["keys", "rotate"], &["secrets", "list"]] {
        let said = desk.run(words);
        assert_eq!(said.code, NO, "{said:?}");
        assert!(said.err.contains("next   name its folder with --folder"), "{said:?}");
    }
    assert!(!desk.path().join(".gatelet").exists());
}

#[test]
fn a_probe_says_which_isolation_scripts_get_here_and_a_missing_python_is_an_answer_too() {
    let desk = Desk::new();
    let said = desk.run(&["probe", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let report = said.json();
    let level = report.pointer("/level").and_then(Value::as_u64).unwrap();
    let probes = report.pointer("/probes").and_then(Value::as_array).unwrap();
    assert!((1..=3).contains(&level) && probes.len() > 15, "{report}");
    let said = desk.run(&["probe"]);
    assert!(said.out.starts_with(&format!("Level {level}: ")), "{said:?}");

    let said = desk.run(&["probe", "--python", "/nowhere/python3", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.json().pointer("/level"), Some(&0.into()), "{said:?}");
    assert!(!desk.path().join(".gatelet").exists(), "a probe leaves nothing behind");
}

#[test]
fn packages_are_prepared_for_who_needs_some_and_a_failure_says_what_to_do() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["automation", "new", "with-packages"]).code, 0);
    let prepare = ["automation", "prepare", "with-packages", "--json"];
    let said = desk.run(&prepare);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.json().pointer("/result"), Some(&"not_needed".into()), "{said:?}");

    let line = format!("gatelet-no-such-package==0 --hash=sha256:{}\n", "0".repeat(64));
    let folder = desk.path().join("automations/with-packages");
    std::fs::write(folder.join("requirements.lock"), line).unwrap();
    let mut command = desk.command(&["automation", "prepare", "with-packages"]);
    let said = command.env("PIP_NO_INDEX", "1").output().unwrap();
    assert_eq!(said.status.code(), Some(COULD_NOT), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stderr).contains("PIP_INDEX_URL"), "{said:?}");

    let said = desk.run(&["automation", "prepare", "with-package", "--json"]);
    assert_eq!(said.code, NO, "{said:?}");
}
