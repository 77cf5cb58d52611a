//! Words that are not understood: what is said about them, and that no value is repeated.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use gatelet::{Desk, said};

const WRONG_USAGE: i32 = 64;

#[test]
fn a_mistyped_word_is_answered_with_the_one_that_was_meant() {
    let desk = Desk::new();
    for (words, cause, next) in [
        (&["chekc"][..], "there is no command \"chekc\"", "did you mean check?"),
        (&["keys", "lst"], "there is no command \"lst\"", "did you mean list?"),
        (&["check", "--confg", "x"], "there is no option --confg", "did you mean --config?"),
        (
            &["--color", "alway"],
            "--color must be one of auto, always, never",
            "did you mean always?",
        ),
        (&["completions", "bsh"], "SHELL> must be one of bash", "did you mean bash?"),
        (&["help", "exit-cods"], "no topic \"exit-cods\"", "gatelet help exit-codes"),
        (&["help", "keys", "rotat"], "no topic \"rotat\"", "gatelet help rotate"),
        (&["secrets", "rotate", "refresh-peper"], "no secret of this name", "refresh-pepper"),
    ] {
        let desk = if words.contains(&"refresh-peper") { &Desk::with_store() } else { &desk };
        let said = desk.run(words);
        assert_eq!((said.code, said.out.as_str()), (WRONG_USAGE, ""), "{words:?}: {said:?}");
        let mut lines = said.err.lines();
        assert_eq!(lines.next(), Some("error: the command was not understood"), "{said:?}");
        let rest = lines.collect::<Vec<_>>().join("\n");
        assert!(rest.contains(cause) && rest.contains(next), "{words:?}: {said:?}");
    }
}

#[test]
fn every_kind_of_mistake_has_its_own_sentence() {
    let desk = Desk::new();
    for (words, cause) in [
        (&["keys"][..], "it needs one of list, rotate, retire"),
        (&["check", "--config"], "--config needs a value"),
        (&["--port", "x"], "--port cannot be that: "),
        (&["--port", "65536"], "--port cannot be that: "),
        (&["--port", "1", "--port", "2"], "--port stands there twice"),
        (&["secrets", "rotate"], "NAME> is missing"),
        (&["completions"], "SHELL> is missing"),
        (&["dev", "--yes"], "--reset is missing"),
        (&["check", "extra"], "there is a word too many"),
        (&["check", "--base-url", "nonsense"], "--base-url cannot be that: "),
        (&["dev", "--config", "x", "--provider-port", "1"], "exclude each other"),
        (&["login", "--gateway", "http://elsewhere.example"], "--gateway must be scheme"),
    ] {
        let said = desk.run(words);
        assert_eq!((said.code, said.out.as_str()), (WRONG_USAGE, ""), "{words:?}: {said:?}");
        assert!(
            said.err.starts_with("error: the command was not understood\n  cause  "),
            "{said:?}"
        );
        assert!(said.err.contains(cause), "{words:?}: {said:?}");
        assert!(!said.err.contains("panicked"), "{said:?}");
    }
    assert_eq!(std::fs::read_dir(desk.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_value_in_the_wrong_place_is_never_repeated() {
    let desk = Desk::with_store();
    for words in [
        &["secrets", "rotate", "provider-x", "hunter2-S3cret"][..],
        &["secrets", "rotate", "hunter2-S3cret"],
        &["secrets", "rotate", "provider-x", "--value=hunter2-S3cret"],
        &["keys", "retire", "hunter2-S3cret"],
        &["--port", "hunter2-S3cret"],
        &["--color", "hunter2-S3cret"],
        &["check", "--base-url", "hunter2-S3cret"],
        &["login", "--gateway", "https://x:hunter2-S3cret@gate.example"],
    ] {
        for more in [&[][..], &["--json"]] {
            let said = desk.run(&[words, more].concat());
            assert_ne!(said.code, 0, "{said:?}");
            assert!(!format!("{}{}", said.out, said.err).contains("S3cret"), "{said:?}");
        }
    }
}

#[test]
fn mistakes_are_json_too_where_json_is_asked_for() {
    let desk = Desk::new();
    for words in [&["chekc", "--json"][..], &["--json", "keys"], &["--json", "--port", "x"]] {
        let said = desk.run(words);
        assert_eq!((said.code, said.err.as_str()), (WRONG_USAGE, ""), "{said:?}");
        let json = said.json();
        assert_eq!(json["v"], 1);
        assert_eq!((&json["code"], &json["exit"]), (&"wrong_usage".into(), &64.into()));
        assert_eq!(json["title"], "the command was not understood");
        assert!(json["cause"].is_string() && json["docs"].is_string(), "{json}");
    }
    let said = desk.run(&["check", "--", "--json"]);
    assert_eq!((said.code, said.out.as_str()), (WRONG_USAGE, ""), "a word after -- is no option");
}

#[test]
fn words_that_are_no_text_are_turned_away_and_cannot_steer_a_terminal() {
    let desk = Desk::new();
    let said_of =
        |word: &[u8]| said(desk.command(&[]).arg(OsStr::from_bytes(word)).spawn().unwrap());
    for word in [&b"\xff\xfe"[..], b"--\xff", b"\x1b[31mred", b"a\nb", b"--\x1b]0;title\x07"] {
        let said = said_of(word);
        assert_eq!(said.code, WRONG_USAGE, "{word:?}: {said:?}");
        let steers = |letter: char| letter.is_control() && letter != '\n';
        assert!(!said.err.contains(steers), "{said:?}");
        assert!(said.err.lines().count() < 8, "{said:?}");
    }
    let long = "x".repeat(100_000);
    assert_eq!(desk.run(&[&long]).code, WRONG_USAGE);
}
