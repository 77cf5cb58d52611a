//! Measures what access tokens cost, and the doors: builds the executables as the packages are built, but for their
//! linking, and prints a table of each.

use std::process::Command;

use crate::run::{Result, failure, target_folder, workspace};
use crate::steps::BUILD;

/// Builds, then runs the benchmarks.
pub(crate) fn bench() -> Result<bool> {
    for step in BUILD {
        if !run(&[step.words, &["--profile", "emulator"]].concat())? {
            return Ok(false);
        }
    }
    // With the profile of a release, which is what is deployed.
    for (package, name) in [("gatelet-core", "token"), ("gatelet-tests", "token_endpoint")] {
        let words = ["cargo", "bench", "-p", package, "--bench", name];
        if !run(&words)? {
            return Ok(false);
        }
    }
    // These two only start processes and watch: they gain next to nothing from optimisation themselves.
    let watching = [("gatelet-cage", "isolation"), ("gatelet-story", "doors")];
    for (package, name) in watching {
        if !run(&["cargo", "bench", "--profile", "dev", "-p", package, "--bench", name])? {
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
    let status =
        command.status().map_err(|error| failure!("`{program}` did not start: {error}"))?;
    Ok(status.success())
}
