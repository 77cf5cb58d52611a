//! Where answers go and in which form: streams, JSON, quiet, colour, letters, times, and readers that leave.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::fs::{File, Permissions};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use gatelet::{Desk, said};

const COULD_NOT: i32 = 3;
const CONFIGURATION: i32 = 78;

#[test]
fn every_answer_is_one_object_where_json_is_asked_for() {
    let desk = Desk::with_store();
    for (words, member) in [
        (&["check"][..], "/result"),
        (&["upkeep"], "/result"),
        (&["keys", "list"], "/keys/0/since"),
        (&["keys", "rotate"], "/key/kid"),
        (&["secrets", "list"], "/secrets/0/created_at"),
        (&["secrets", "rotate", "refresh-pepper"], "/version"),
        (&["logout"], "/signed_in"),
        (&["--version"], "/commit"),
        (&["--help"], "/help"),
        (&["help", "files"], "/help"),
        (&["completions", "fish"], "/script"),
    ] {
        let said = desk.run(&[words, &["--json"]].concat());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}: {said:?}");
        let json = said.json();
        assert_eq!(json["v"], 1, "{words:?}");
        assert!(json.pointer(member).is_some_and(|found| !found.is_null()), "{words:?}: {json}");
    }
    let since = desk.run(&["keys", "list", "--json"]).json();
    let since = since.pointer("/keys/0/since").unwrap().as_str().unwrap().to_owned();
    assert!(since.starts_with("20") && since.ends_with('Z') && since.contains('T'), "{since}");
}

#[test]
fn every_failure_is_one_object_where_json_is_asked_for() {
    let desk = Desk::with_store();
    for (words, code, exit) in [
        (&["token"][..], "no", 1),
        (&["keys", "retire", "x"], "no", 1),
        (&["check", "--config", "absent.toml"], "could_not", 3),
        (&["keys", "list", "--folder", "absent"], "no", 1),
        (&["token", "--gateway", "https://"], "wrong_usage", 64),
        (&["dev", "--config", "absent.toml"], "could_not", 3),
    ] {
        let said = desk.run(&[words, &["--json"]].concat());
        assert_eq!((said.code, said.err.as_str()), (exit, ""), "{words:?}: {said:?}");
        let json = said.json();
        assert_eq!(
            (&json["v"], &json["code"], &json["exit"]),
            (&1.into(), &code.into(), &exit.into())
        );
        assert!(!json["title"].as_str().unwrap().is_empty());
    }
    let said = desk.run_in(&[("GATELET_LGO", "s3cret")], &["upkeep", "--json"]);
    assert_eq!(said.code, CONFIGURATION);
    let json = said.json();
    assert_eq!(json.pointer("/errors/0/at"), Some(&"GATELET_LGO".into()));
    let message = json.pointer("/errors/0/message").unwrap().as_str().unwrap();
    assert!(message.ends_with("did you mean GATELET_LOG?"), "{json}");
    assert!(!said.out.contains("s3cret"));
}

#[test]
fn quiet_leaves_what_was_asked_for_and_errors() {
    let desk = Desk::with_store();
    for words in [&["upkeep"][..], &["keys", "rotate"], &["secrets", "rotate", "refresh-pepper"]] {
        let said = desk.run(&[words, &["--quiet"]].concat());
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""), "{words:?}");
    }
    assert!(desk.run(&["keys", "list", "-q"]).out.contains("current"));
    assert!(desk.run(&["token", "-q"]).err.starts_with("error: "));
}

#[test]
fn colour_is_for_words_of_states_and_only_where_it_is_wanted() {
    let desk = Desk::with_store();
    let coloured = |environment: &[(&str, &str)], words: &[&str]| {
        let said = desk.run_in(environment, words);
        (said.out + &said.err).contains('\x1b')
    };
    let (list, failing) = (&["keys", "list"][..], &["token"][..]);
    for words in [list, failing] {
        assert!(!coloured(&[("TERM", "xterm")], words), "there is no terminal");
        assert!(coloured(&[("CLICOLOR_FORCE", "1")], words));
        assert!(!coloured(&[("CLICOLOR_FORCE", "0")], words));
        assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], words));
        assert!(coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], words), "empty is not set");
        let asked = |when| {
            coloured(&[("NO_COLOR", "1"), ("TERM", "dumb")], &[words, &["--color", when]].concat())
        };
        assert!(asked("always") && !asked("never") && !asked("auto"));
    }
    let said = desk.run(&["keys", "list", "--color=always"]);
    assert!(said.out.contains("\x1b[32mcurrent\x1b[0m"), "{said:?}");
    let said = desk.run(&["token", "--color=always"]);
    assert!(said.err.starts_with("\x1b[31merror:\x1b[0m you are not signed in\n"), "{said:?}");
    let said = desk.run(&["tokn", "--color=always"]);
    assert!(
        said.err.starts_with("\x1b[31merror:"),
        "before the words are understood too: {said:?}"
    );
    assert!(!desk.run(&["--help", "--color=always"]).out.contains('\x1b'));
    assert!(!desk.run(&["keys", "list", "--json", "--color=always"]).out.contains('\x1b'));
}

#[test]
fn without_utf_8_all_is_ascii() {
    let desk = Desk::with_store();
    let words = ["keys", "list", "--folder", "ab·é"];
    for locale in [&[][..], &[("LANG", "C")], &[("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")]] {
        let said = desk.run_in(locale, &words);
        assert!(said.err.is_ascii() && said.err.contains("ab-\\u{e9}"), "{said:?}");
    }
    for locale in [[("LANG", "C.UTF-8")], [("LC_CTYPE", "de_DE.utf8")], [("LC_ALL", "en_GB.UTF-8")]]
    {
        let said = desk.run_in(&locale, &words);
        assert!(said.err.contains("ab·é"), "{said:?}");
    }
}

#[test]
fn moments_are_in_utc_unless_the_machines_time_is_asked_for() {
    let desk = Desk::with_store();
    // In the form of POSIX, which needs no database of zones.
    let zone = [("TZ", "IST-5:30")];
    let since = |said: gatelet::Said| {
        let line = said.out.lines().find(|line| line.contains("current")).unwrap().to_owned();
        line.split("current").nth(1).unwrap().trim().to_owned()
    };
    let utc = since(desk.run_in(&zone, &["keys", "list"]));
    assert!(utc.ends_with('Z') && utc.len() >= "1 Jan 2026 00:00:00Z".len(), "{utc}");
    let local = since(desk.run_in(&zone, &["keys", "list", "--local"]));
    assert!(local.ends_with("+05:30"), "{local}");
    assert_ne!(utc.get(..18), local.get(..18));
}

#[test]
fn a_reader_that_leaves_is_no_crash_and_a_full_disk_is_no_success() {
    let desk = Desk::with_store();
    for words in
        [&["help", "reference"][..], &["keys", "list"], &["completions", "zsh"], &["token"]]
    {
        let mut child = desk.command(words).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let said = said(child);
        assert!([0, 1].contains(&said.code), "{words:?}: {said:?}");
    }
    let mut child = desk.command(&["help", "reference"]).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    let left = said(child);
    assert_eq!((left.code, left.err.as_str()), (0, ""), "after some of it");

    let full = || File::options().write(true).open("/dev/full").unwrap();
    let left = said(desk.command(&["keys", "list"]).stdout(full()).spawn().unwrap());
    assert_eq!(left.code, COULD_NOT, "an answer that nobody got is none: {left:?}");
    assert!(left.err.starts_with("error: could not write the answer\n"), "{left:?}");
    let left = said(desk.command(&["token"]).stderr(full()).spawn().unwrap());
    assert_eq!(left.code, 1, "the code still says it");
}

#[test]
fn streams_that_are_closed_are_no_crash() {
    let desk = Desk::with_store();
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        for (words, code) in [("keys list", 0), ("token", 1), ("nonsense", 64), ("--help", 0)] {
            let script = format!("exec \"$0\" {words} {closed}");
            let mut shell = Command::new("sh");
            shell.args(["-c", &script, env!("CARGO_BIN_EXE_gatelet")]);
            shell.env_clear().env("HOME", desk.path()).current_dir(desk.path());
            let status = shell.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            assert_eq!(status.code(), Some(code), "{words} {closed}");
        }
    }
}

#[test]
fn names_of_files_cannot_steer_a_terminal() {
    let desk = Desk::new();
    let hostile = ["\x1b]0;owned\x07", "a\nerror: all is well", "\u{202e}gnol", "--", " ", "-x"];
    for name in hostile {
        for words in
            [&["check", "--config"][..], &["keys", "list", "--folder"], &["dev", "--config"]]
        {
            let said =
                desk.run_in(&[("LANG", "C.UTF-8")], &[words, &[&format!("./{name}")]].concat());
            assert!([1, 3].contains(&said.code), "{said:?}");
            let steers =
                |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
            assert!(!said.err.contains(steers), "{said:?}");
            assert_eq!(said.err.matches("error: ").count(), 1 + name.matches("error: ").count());
            assert!(!said.err.contains("\nerror: "), "{said:?}");
        }
    }
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe.toml");
    let mut command = desk.command(&["check", "--config"]);
    assert_eq!(said(command.arg(bytes).spawn().unwrap()).code, COULD_NOT);
    std::fs::write(desk.path().join(bytes), "[roles]\n").unwrap();
    let mut command = desk.command(&["check", "--json", "--config"]);
    assert_eq!(said(command.arg(bytes).spawn().unwrap()).json()["v"], 1);
}

#[test]
fn a_bad_file_of_any_kind_is_an_error_and_no_crash() {
    let desk = Desk::new();
    let file = desk.path().join("registry.toml");
    let check = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        desk.run(&["check", "--config", "registry.toml"])
    };
    for bytes in [
        &b"\0"[..],
        b"\xff\xfe",
        b"\xef\xbb\xbf[rules]",
        b"roles = [",
        b"[roles]\nx = { scopes = [\"\x1b[2J\"] }",
        b"a = 1\r\nb",
        "[\"\u{202e}\"]".as_bytes(),
    ] {
        let said = check(bytes);
        assert!([1, 3].contains(&said.code), "{bytes:?}: {said:?}");
        assert!(said.err.starts_with("error: ") && !said.err.contains('\x1b'), "{said:?}");
        for line in said.err.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
    assert_eq!(desk.run(&["check", "--config", "."]).code, COULD_NOT, "a folder is no registry");
    assert_eq!(check(&vec![b'#'; 5 * 1024 * 1024]).code, COULD_NOT, "it is too long");
    let said = desk.run(&["check", "--config", "/dev/null"]);
    assert!(said.code == 0 && said.out.contains("tenants      none"), "{said:?}");
}

#[test]
fn nowhere_to_keep_a_token_is_said_before_anybody_signs_in() {
    let desk = Desk::new();
    for words in [&["login"][..], &["token"], &["logout"]] {
        let left = said(desk.command(words).env_remove("HOME").spawn().unwrap());
        // Whether a gateway answers is asked later.
        assert_eq!(left.code, CONFIGURATION, "{words:?}: {left:?}");
        assert!(left.err.contains("neither XDG_STATE_HOME nor HOME"), "{left:?}");
        let left =
            said(desk.command(words).env("XDG_STATE_HOME", "/proc/nowhere").spawn().unwrap());
        assert_eq!(left.code, COULD_NOT, "{words:?}: {left:?}");
    }
    for words in [&["upkeep"][..], &["check"], &["keys", "list"]] {
        let left = said(desk.command(words).env_remove("HOME").spawn().unwrap());
        assert_eq!(left.code, 0, "nothing else needs one: {left:?}");
    }
}

#[test]
fn a_store_that_others_may_write_or_nobody_can_is_named() {
    let desk = Desk::with_store();
    let folder = desk.path().join(".gatelet");
    std::fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let left = desk.run(&["keys", "list"]);
    assert_eq!(left.code, COULD_NOT, "{left:?}");
    assert!(left.err.contains("chmod 0700"), "{left:?}");
    let left = desk.run(&["upkeep", "--folder", "/proc/gatelet"]);
    assert_eq!(left.code, COULD_NOT, "{left:?}");
    let left = desk.run(&["upkeep", "--folder", "/dev/null"]);
    assert!(left.code == COULD_NOT && left.err.contains("not a folder"), "{left:?}");
}
