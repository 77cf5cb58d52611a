//! Writes the committed files that are generated from the code. Tests compare them.

use std::process::{Command, Stdio};

use crate::run::{Result, failure, workspace};

/// The reference that the command writes about itself.
const COMMANDS: &str = "docs/reference/cli.md";

/// Runs the programs that know the code. The task runner itself depends on none of it.
pub(crate) fn bless() -> Result<bool> {
    let not_started = |error| failure!("`cargo` did not start: {error}");
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "gatelet-tests", "--bin", "bless"]);
    let status = cargo.current_dir(workspace()).status().map_err(not_started)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "gatelet-cli", "--", "help", "reference"]);
    let page = cargo.current_dir(workspace()).stderr(Stdio::inherit()).output();
    let page = page.map_err(not_started)?;
    if page.status.success() {
        let written = std::fs::write(workspace().join(COMMANDS), page.stdout);
        written.map_err(|error| failure!("{COMMANDS}: {error}"))?;
    }
    Ok(status.success() && page.status.success())
}
