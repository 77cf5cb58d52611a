//! Makes `console/vendor`: the libraries of the console as one module, from the versions in the catalogue of tools.

use std::process::Command;

use crate::run::{Result, failure, workspace};
use crate::tools;

/// Bundles the pinned packages and writes what they are, by the script beside this file.
pub(crate) fn vendor() -> Result<bool> {
    let package = "console-vendor";
    if !tools::install_and_say(&[package.to_owned()])? {
        return Ok(false);
    }
    let mut node = Command::new("node");
    node.arg(workspace().join("xtask/src/vendor.mjs"));
    node.arg(tools::home_of(package)?).arg(workspace().join("console/vendor"));
    Ok(node.status().map_err(|error| failure!("`node` did not start: {error}"))?.success())
}
