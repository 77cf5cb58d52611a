//! No secret lies in the project's files or in their history. The scanner is gitleaks; what it may pass over stands
//! with its reason in `.gitleaks.toml`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use gatelet_tests::{listed, project};

/// The scanner over a folder, or over the history of the repository.
fn scan(source: &str, path: &Path) -> Output {
    Command::new(scanner())
        .args([source, "--no-banner", "--redact", "--verbose", "--config"])
        .arg(project().join(".gitleaks.toml"))
        .arg(path)
        .output()
        .unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the test run tells where its tools are this way")]
fn scanner() -> String {
    std::env::var("TEST_GITLEAKS").unwrap()
}

fn assert_clean(found: &Output) {
    let told = String::from_utf8_lossy(&found.stdout);
    assert!(found.status.success(), "{told}{}", String::from_utf8_lossy(&found.stderr));
}

/// A copy of the project as it would be committed now.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in listed(&["."]).unwrap() {
        let to = folder.path().join(&name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(project().join(&name), to).unwrap();
    }
    folder
}

#[test]
#[ignore = "needs gitleaks: cargo xtask test installs it"]
fn no_file_holds_a_secret() {
    assert_clean(&scan("dir", copy().path()));
}

#[test]
#[ignore = "needs gitleaks: cargo xtask test installs it"]
fn no_commit_ever_held_one() {
    assert_clean(&scan("git", &project()));
}

#[test]
#[ignore = "needs gitleaks: cargo xtask test installs it"]
fn a_planted_secret_is_found_wherever_one_could_slip_in() {
    // Put together here, so that this file holds none.
    let letters = "Zx4Kq9Lm2Vt7Rb5Nw8Hc3Jd6Pf1Gs0Ty";
    let secrets = [
        format!("aws_access_key_id = {}{}", "AKIA", "QX7ZPL4MWT2RKB5N"),
        format!("const TOKEN: &str = \"{}{}{}\";", "ghp_", letters, "Ab3d"),
        format!("-----BEGIN {} KEY-----\n{}\n-----END {0} KEY-----", "PRIVATE", letters.repeat(4)),
        format!("client_secret = \"{}{letters}\"", "xYz8Q~"),
    ];
    let places = ["docs/guides/made.md", "tests/tests/made.rs", "infra/made.bicep", "made.toml"];
    for secret in &secrets {
        for place in places {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join(place);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, format!("first line\n{secret}\n")).unwrap();
            let found = scan("dir", folder.path());
            let kind = secret.split([' ', '_']).next();
            assert_eq!(found.status.code(), Some(1), "{place}: not found: {kind:?}");
        }
    }
}
