//! Tells the executable from which commit it was built, for `gatelet --version`.

use std::process::Command;

fn main() {
    // Each commit and each checkout adds a line to this file.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    // An archive of the sources knows no commit.
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".into());
    // `cargo run` hands it to what it starts too, where every name that begins with GATELET_ is taken for a setting.
    println!("cargo::rustc-env=BUILT_FROM_COMMIT={commit}");
}

fn git(words: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
