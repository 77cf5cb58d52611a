//! `gatelet dev`: what it says when it is ready, how it ends, what it deletes, and what a bug looks like.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod gatelet;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;

use gatelet::{Desk, eventually, said};
use rustix::process::Signal;
use serde_json::Value;

const NO: i32 = 1;
const WRONG_USAGE: i32 = 64;
const BUG: i32 = 70;
const INTERRUPTED: i32 = 130;

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn it_says_when_it_is_ready_where_and_what_to_do_next() {
    let desk = Desk::new();
    let server = desk.dev(&[]);
    let port = server.port.clone();
    server.signal(Signal::INT);
    let ready = server.ready.clone();
    let mut lines = ready.lines();
    let first = lines.next().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let took = first.strip_prefix(&format!("Gatelet {version} is ready in ")).unwrap();
    assert!(took.strip_suffix(" ms").unwrap().parse::<u32>().is_ok(), "{first}");
    assert_eq!(lines.next().unwrap(), format!("  Console     http://localhost:{port}"));
    assert!(
        lines.next().unwrap().starts_with("  Sign in as  Eda (acme, editor) - Ada (acme, admin)")
    );
    assert!(ready.contains("\n  Local only  identity provider on http://127.0.0.1:"), "{ready}");
    assert!(ready.contains(".gatelet"), "{ready}");
    assert_eq!(
        lines.last().unwrap(),
        "Stop with Ctrl+C. Next: open the console and sign in as Eda."
    );
    assert!(ready.lines().all(|line| line.len() <= 80), "{ready}");
    server.ended();
}

#[test]
fn one_ctrl_c_ends_in_order_and_says_what_is_left() {
    let desk = Desk::new();
    let server = desk.dev(&[]);
    server.signal(Signal::INT);
    let said = server.ended();
    assert_eq!((said.code, said.out.as_str()), (INTERRUPTED, ""), "{said:?}");
    assert!(said.err.contains("Stopping. Ctrl+C again stops at once.\n"), "{said:?}");
    assert!(
        said.err.ends_with("Stopped. .gatelet keeps everything for the next start.\n"),
        "{said:?}"
    );
    let server = desk.dev(&[]);
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code, 0, "whoever looks after processes gets what was asked for");
}

#[test]
fn a_second_ctrl_c_ends_at_once_what_the_first_one_waits_for() {
    let desk = Desk::new();
    let mut server = desk.dev(&[]);
    let mut waits = TcpStream::connect(("127.0.0.1", server.port.parse().unwrap())).unwrap();
    // A request whose body never comes.
    let head = format!(
        "POST /auth/token HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 9\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n",
        server.port
    );
    waits.write_all(head.as_bytes()).unwrap();
    // The server asks for the body, so it is waiting.
    waits.read_exact(&mut [0; 12]).unwrap();
    server.signal(Signal::INT);
    let line = server.error_line("Stopping");
    assert!(line.starts_with("Stopping: one request waits for its answer."), "{line}");
    server.signal(Signal::INT);
    let said = server.ended();
    assert_eq!(said.code, INTERRUPTED, "{said:?}");
    assert!(!said.err.contains("Stopped."), "{said:?}");
}

#[test]
fn a_start_for_a_script_says_the_same_in_json_and_ends_with_an_object_too() {
    let desk = Desk::new();
    let server = desk.dev(&["--json"]);
    let ready: Value = serde_json::from_str(&server.ready).unwrap();
    assert_eq!(ready["console"], format!("http://localhost:{}", server.port));
    assert_eq!(ready.pointer("/sign_in/0/name"), Some(&"Eda".into()));
    server.signal(Signal::INT);
    let said = server.ended();
    assert_eq!((said.code, said.json()["result"].as_str()), (INTERRUPTED, Some("stopped")));
}

#[test]
fn a_reset_deletes_a_folder_of_ours_and_says_what() {
    let desk = Desk::with_store();
    let port = gatelet::free_port();
    // It stops there, because nobody can be asked.
    let said = desk.run(&["dev", "--reset"]);
    assert_eq!((said.code, said.out.as_str()), (WRONG_USAGE, ""), "{said:?}");
    assert!(said.err.starts_with("error: .gatelet was not deleted\n"), "{said:?}");
    assert!(said.err.contains("next   gatelet dev --reset --yes"), "{said:?}");
    assert!(desk.path().join(".gatelet/gatelet.db").exists());

    let kid = desk.run(&["keys", "list", "--json"]).json().pointer("/keys/0/kid").unwrap().clone();
    let server = desk.dev(&["--reset", "--yes"]);
    server.signal(Signal::INT);
    let said = server.ended();
    assert!(
        said.err.contains("Deleted .gatelet: ") && said.err.contains(" secrets, 0 objects."),
        "{said:?}"
    );
    let new = desk.run(&["keys", "list", "--json"]).json().pointer("/keys/0/kid").unwrap().clone();
    assert_ne!(kid, new, "nothing of the one before is left");

    let server = desk.dev(&["--reset", "--yes", "--folder", "never-made"]);
    server.signal(Signal::INT);
    assert!(server.ended().err.contains("There is no never-made to delete."), "{port}");
}

#[test]
fn a_reset_spares_what_is_not_ours() {
    let desk = Desk::with_store();
    let reset = |folder: &str| desk.run(&["dev", "--reset", "--yes", "--folder", folder]);
    let spared = |folder: &str, cause: &str| {
        let before = names(desk.path());
        let said = reset(folder);
        assert_eq!(said.code, NO, "{folder}: {said:?}");
        assert!(said.err.contains(cause), "{folder}: {said:?}");
        assert_eq!(names(desk.path()), before);
    };
    std::fs::create_dir(desk.path().join("photos")).unwrap();
    std::fs::write(desk.path().join("photos/cat.jpg"), "cat").unwrap();
    spared("photos", "photos/cat.jpg is not Gatelet's");
    spared(".", "is not Gatelet's");
    spared("..", "is not Gatelet's");
    spared("/", "is not Gatelet's");
    spared("photos/cat.jpg", "it is not a folder");
    symlink(".gatelet", desk.path().join("link")).unwrap();
    spared("link", "it is not a folder");
    std::fs::create_dir(desk.path().join("bare")).unwrap();
    std::fs::create_dir(desk.path().join("bare/secrets")).unwrap();
    spared("bare", "it is no folder of Gatelet's");
    std::fs::write(desk.path().join("bare/gatelet.db"), "a diary").unwrap();
    spared("bare", "bare/gatelet.db is not Gatelet's");

    let note = desk.path().join(".gatelet/notes.txt");
    std::fs::write(&note, "mine").unwrap();
    spared(".gatelet", ".gatelet/notes.txt is not Gatelet's");
    std::fs::remove_file(&note).unwrap();
    symlink("/etc", desk.path().join(".gatelet/objects/etc")).unwrap();
    spared(".gatelet", "objects/etc is not Gatelet's");
    std::fs::remove_file(desk.path().join(".gatelet/objects/etc")).unwrap();
    assert!(desk.path().join(".gatelet/gatelet.db").exists());
}

#[test]
fn a_reset_spares_a_folder_that_a_server_uses() {
    let desk = Desk::new();
    let server = desk.dev(&[]);
    let said = desk.run(&["dev", "--reset", "--yes"]);
    assert_eq!(said.code, NO, "{said:?}");
    assert!(said.err.contains("cause  a process is using it"), "{said:?}");
    let answers = || desk.run(&["keys", "list"]).out.contains("current");
    assert!(answers(), "and the server goes on");
    server.signal(Signal::INT);
    assert_eq!(server.ended().code, INTERRUPTED);
}

#[test]
fn a_folder_whose_deletion_was_interrupted_is_still_ours() {
    let desk = Desk::with_store();
    std::fs::remove_file(desk.path().join(".gatelet/gatelet.db")).unwrap();
    let server = desk.dev(&["--reset", "--yes"]);
    server.signal(Signal::INT);
    assert!(server.ended().err.contains("Deleted .gatelet: "));
    // Damaged records are a reason for a reset, and none against it.
    let records = desk.path().join(".gatelet/gatelet.db");
    eventually("it has ended", || records.exists());
    std::fs::write(&records, b"SQLite format 3\0 and then nothing of use").unwrap();
    let server = desk.dev(&["--reset", "--yes"]);
    server.signal(Signal::INT);
    assert!(server.ended().err.contains("Deleted .gatelet: "));
}

#[test]
fn a_bug_ends_with_its_own_code_and_says_what_to_report_without_a_value() {
    let desk = Desk::new();
    // Nobody can give a thread that much room, which tokio takes for a bug: it panics.
    let boundless = [("RUST_MIN_STACK", "70368744177664"), ("SECRET", "hunter2")];
    let said = desk.run_in(&boundless, &["upkeep"]);
    assert_eq!((said.code, said.out.as_str()), (BUG, ""), "{said:?}");
    assert!(said.err.starts_with("error: gatelet has a bug and could not go on\n"), "{said:?}");
    for part in ["cause    at ", "next     report it as CONTRIBUTING.md says", "version  "] {
        assert!(said.err.contains(part), "{part}: {said:?}");
    }
    assert!(!said.err.contains("panicked") && !said.err.contains("hunter2"), "{said:?}");
    let json = desk.run_in(&boundless, &["upkeep", "--json"]);
    assert_eq!((json.code, json.json()["code"].as_str()), (BUG, Some("bug")), "{json:?}");
}

#[test]
fn whatever_else_is_under_way_ends_with_ctrl_c_too() {
    let desk = Desk::new();
    let server = desk.dev(&[]);
    let mut login = desk.command(&["login", "--port", &server.port]).spawn().unwrap();
    // It says the address before it waits.
    login.stderr.as_mut().unwrap().read_exact(&mut [0; 20]).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&login), Signal::INT).unwrap();
    let left = said(login);
    assert_eq!(left.code, INTERRUPTED, "{left:?}");
    assert!(left.err.contains("error: stopped before it was done\n"), "{left:?}");
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code, 0);
}
