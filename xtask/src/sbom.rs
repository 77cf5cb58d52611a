//! The bill of materials: which crates each executable is made of, as `CycloneDX` has it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Result, answer, failure, workspace};
use crate::tools;

/// What the tool calls its files until they are in place.
const NAME: &str = "bill-of-materials";

/// Writes `dist/sbom/<package>.json` for each package that is shipped, and says how many crates each names.
pub(crate) fn sbom() -> Result<bool> {
    let out = workspace().join("dist/sbom");
    fs::create_dir_all(&out)?;
    let tool = tools::home_of("cargo-cyclonedx")?.join("bin/cargo-cyclonedx");
    let mut command = Command::new(tool);
    command.args(["cyclonedx", "--format", "json", "--spec-version", "1.5", "--all-features"]);
    command.args(["--override-filename", NAME]);
    let made = command.current_dir(workspace()).status();
    if !made.map_err(|error| failure!("cargo-cyclonedx did not start: {error}"))?.success() {
        return Err(failure!(
            "cargo-cyclonedx failed; `cargo xtask tools cargo-cyclonedx` installs it"
        ));
    }
    let mut complete = true;
    for (package, folder) in packages()? {
        let made = folder.join(format!("{NAME}.json"));
        let text = fs::read_to_string(&made)?;
        fs::remove_file(&made)?;
        // What is shipped; the others are libraries of these, or run the tests.
        let shipped =
            ["cli", "functions"].iter().any(|top| folder.starts_with(workspace().join(top)));
        if !shipped {
            continue;
        }
        let crates = crates_of(&package)?;
        let lacking: Vec<&String> =
            crates.iter().filter(|one| !text.contains(&format!("\"name\": \"{one}\""))).collect();
        complete &= lacking.is_empty();
        fs::write(out.join(format!("{package}.json")), &text)?;
        println!("{package:<18} {} crates{}", crates.len(), said(&lacking));
    }
    Ok(complete)
}

fn said(lacking: &[&String]) -> String {
    if lacking.is_empty() { String::new() } else { format!("; lacks {lacking:?}") }
}

/// The workspace's packages and their folders.
fn packages() -> Result<Vec<(String, PathBuf)>> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--workspace", "--depth", "0", "--prefix", "none", "--format", "{p}"]);
    let text = answer(tree.current_dir(workspace()))?;
    let package = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        let (_, folder) = rest.split_once('(')?;
        Some((name.to_owned(), Path::new(folder.trim_end_matches(')')).to_owned()))
    };
    Ok(text.lines().filter_map(package).collect())
}

/// The crates that a package's executables are made of.
fn crates_of(package: &str) -> Result<BTreeSet<String>> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--package", package, "--all-features", "--edges", "normal"]);
    tree.args(["--prefix", "none", "--format", "{p}"]);
    let text = answer(tree.current_dir(workspace()))?;
    Ok(text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}
