//! Measures what access tokens, scripts, doors and runs cost: builds the executables as the packages are built, but for
//! their linking, and prints a table of each.

use std::process::Command;

use crate::run::{Result, failure, target_folder, workspace};
use crate::steps::BUILD;

/// What is measured, in which profile: that of a release where the work is ours alone, that of a package but for its linking
/// where a store has its part, none where processes are started and watched.
const BENCHES: [(&str, &str, &str); 5] = [
    ("bench", "gatelet-core", "token"),
    ("bench", "gatelet-tests", "token_endpoint"),
    ("dev", "gatelet-cage", "isolation"),
    ("dev", "gatelet-story", "doors"),
    ("emulator", "gatelet-story", "runs"),
];

/// Builds, then runs the benchmarks.
pub(crate) fn bench() -> Result<bool> {
    for step in BUILD {
        if !run(&[step.words, &["--profile", "emulator"]].concat())? {
            return Ok(false);
        }
    }
    for (profile, package, name) in BENCHES {
        if !run(&["cargo", "bench", "--profile", profile, "-p", package, "--bench", name])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn run(words: &[&str]) -> Result<bool> {
    let [program, arguments @ ..] = words else { return Err(failure!("a step has no words")) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace());
    command.env("TEST_BINARIES", target_folder().join("emulator"));
    // What is asked a thousand times would be logged between the tables.
    command.env("GATELET_LOG", "warn");
    let status =
        command.status().map_err(|error| failure!("`{program}` did not start: {error}"))?;
    Ok(status.success())
}
