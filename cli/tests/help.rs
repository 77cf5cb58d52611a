//! What the command says about itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::process::{Command, Stdio};

use gatelet::Desk;

const COMMANDS: [&str; 17] = [
    "",
    "dev",
    "serve",
    "check",
    "work",
    "upkeep",
    "keys",
    "keys list",
    "keys rotate",
    "keys retire",
    "secrets",
    "secrets list",
    "secrets rotate",
    "login",
    "logout",
    "token",
    "completions",
];

const TOPICS: [&str; 6] = ["environment", "exit-codes", "files", "output", "registry", "reference"];

#[test]
fn every_command_shows_two_examples_before_its_options_within_80_columns() {
    let desk = Desk::new();
    for command in COMMANDS {
        let mut words: Vec<&str> = command.split_whitespace().collect();
        words.push("--help");
        let said = desk.run(&words);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{command}: {said:?}");
        let (before, after) = said.out.split_once("\nUsage: gatelet").unwrap();
        let (_, examples) = before.split_once("\nExamples:\n").unwrap();
        let typed = examples.lines().filter(|line| line.starts_with("  gatelet"));
        assert_eq!(typed.count(), 2, "{command}: {examples}");
        assert!(after.contains("\nOptions:\n") || after.contains("\nOutput:\n"), "{after}");
        for line in said.out.lines() {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
        assert!(said.out.is_ascii(), "{command}");
        words.pop();
        if !words.contains(&"serve") && !words.is_empty() {
            let same = desk.run(&[&["help"], words.as_slice()].concat());
            assert_eq!(same.out, said.out, "help {command} says the same");
        }
    }
    assert!(!desk.path().join(".gatelet").exists(), "asking for help makes no store");
}

#[test]
fn every_topic_is_listed_and_explained() {
    let desk = Desk::new();
    let overview = desk.run(&["help"]);
    assert_eq!((overview.code, overview.err.as_str()), (0, ""));
    for topic in TOPICS {
        assert!(overview.out.contains(&format!("\n  {topic} ")), "{topic}: {overview:?}");
        let said = desk.run(&["help", topic]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{topic}");
        assert!(said.out.len() > 200 && said.out.is_ascii(), "{topic}: {said:?}");
        let json = desk.run(&["help", topic, "--json"]).json();
        assert_eq!(json["help"].as_str().unwrap().trim_end(), said.out.trim_end());
    }
    let codes = desk.run(&["help", "exit-codes"]).out;
    let codes: Vec<&str> =
        codes.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(codes, ["0", "1", "2", "3", "64", "70", "78", "130"]);
}

#[test]
fn the_reference_in_the_documents_is_what_the_command_says() {
    let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/cli.md");
    let written = std::fs::read_to_string(written).unwrap();
    let said = Desk::new().run(&["help", "reference"]);
    assert!(said.out == written, "docs/reference/cli.md: cargo xtask bless writes it");
    for command in COMMANDS.into_iter().filter(|command| !["", "serve"].contains(command)) {
        assert!(written.contains(&format!("# `gatelet {command}`\n")), "{command}");
    }
}

#[test]
fn the_version_names_the_commit() {
    let desk = Desk::new();
    let said = desk.run(&["--version"]);
    let version = format!("gatelet {} (commit ", env!("CARGO_PKG_VERSION"));
    assert!(said.code == 0 && said.out.starts_with(&version), "{said:?}");
    let json = desk.run(&["--version", "--json"]).json();
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    let commit = json["commit"].as_str().unwrap();
    assert!(said.out.ends_with(&format!("{commit})\n")), "{said:?}");
}

#[test]
fn every_shell_gets_completions_and_bash_understands_its_own() {
    let desk = Desk::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = desk.run(&["completions", shell]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{shell}");
        for word in ["retire", "provider-port", "completions"] {
            assert!(said.out.contains(word), "{shell}: {word}");
        }
        assert_eq!(desk.run(&["completions", shell, "--json"]).json()["shell"], shell);
    }
    let script = desk.path().join("gatelet.bash");
    std::fs::write(&script, desk.run(&["completions", "bash"]).out).unwrap();
    let asked = "source \"$1\"; COMP_WORDS=(gatelet keys ro); COMP_CWORD=2; \
                 _gatelet gatelet ro keys; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", asked, "bash"]).arg(&script).stdin(Stdio::null());
    let output = bash.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "rotate", "{output:?}");
}
