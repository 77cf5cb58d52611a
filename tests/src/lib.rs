//! What the tests across crates share, and the files that are generated from the code.

pub mod coverage;
pub mod declared;
pub mod function_json;
pub mod matrix;
pub mod pages;
pub mod reference;
pub mod template;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The project's folder.
#[must_use]
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The console's own files with one of these extensions, by their path in its folder: not what is vendored.
pub fn console_files(extensions: &[&str]) -> io::Result<Vec<(String, String)>> {
    let mut patterns: Vec<String> =
        extensions.iter().map(|extension| format!("console/*.{extension}")).collect();
    patterns.push(":!console/vendor".into());
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let text = |name: &String| fs::read_to_string(project().join(name));
    let inner = |name: &str| name.trim_start_matches("console/").to_owned();
    listed(&patterns)?.iter().map(|name| Ok((inner(name), text(name)?))).collect()
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
