//! What the tests across crates share, and the files that are generated from the code.

pub mod coverage;
pub mod declared;
pub mod function_json;
pub mod matrix;
pub mod pages;
pub mod reference;
pub mod template;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The project's folder.
#[must_use]
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The project's files that fit one of these patterns: what git knows or is about to know.
pub fn listed(patterns: &[&str]) -> io::Result<Vec<String>> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .args(patterns)
        .current_dir(project())
        .output()?;
    if !listing.status.success() {
        return Err(io::Error::other("git must tell which files belong to the project"));
    }
    let names = String::from_utf8(listing.stdout).map_err(io::Error::other)?;
    let exists = |name: &&str| project().join(name).is_file();
    Ok(names.lines().filter(exists).map(str::to_owned).collect())
}
