//! Writes the committed files that are generated from the code. Tests compare them.

use std::process::Command;

use crate::run::{Result, failure, workspace};

/// Runs the program that knows the code. The task runner itself depends on none of it.
pub(crate) fn bless() -> Result<bool> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "gatelet-tests", "--bin", "bless"]);
    let status = cargo.current_dir(workspace()).status();
    Ok(status.map_err(|error| failure!("`cargo` did not start: {error}"))?.success())
}
