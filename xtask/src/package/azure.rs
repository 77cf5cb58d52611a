//! The apps of Azure Functions: one executable in each archive, with the functions of that app alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::runner::{self, Home};
use super::{Entry, Plan, archive, cargo_lambda, place};
use crate::run::{Result, failure, target_folder, workspace};

/// Each app with the crates whose functions it holds. The boundaries between them are those of permissions:
/// nothing from outside may reach the paths of the triggers, and what acts for a person reads no secret.
const APPS: [(&str, &[&str]); 3] = [
    ("auth", &["login", "token", "revoke", "console"]),
    ("api", &["run-automation", "attempt"]),
    ("work", &["work-automation", "upkeep"]),
];

/// The only machine that Flex Consumption has, with a C library older than that of any of its images.
const TARGET: &str = "x86_64-unknown-linux-gnu.2.28";

/// The executable of every app.
const BUILD: [&str; 6] = ["--package", "all", "--features", "azure", "--bin", "handler"];

/// The Python of Flex Consumption.
const RUNNER: Home = Home {
    name: "azure",
    platforms: &["manylinux2014_x86_64", "manylinux_2_28_x86_64"],
    beside: &[
        ("host.json", "infra/azure/runner/host.json"),
        ("run/function.json", "infra/azure/runner/run/function.json"),
    ],
};

pub(super) fn package(plan: &Plan) -> Result<()> {
    runner::package(plan, &RUNNER)?;
    let built = if plan.host_target {
        plan.build_here(&BUILD)?.join("handler")
    } else {
        let folder = target_folder().join("azure");
        let mut cargo = cargo_lambda()?;
        cargo.args(["lambda", "build", "--locked", "--target", TARGET]);
        cargo.args(["--profile", &plan.profile]).args(BUILD).arg("--lambda-dir").arg(&folder);
        plan.logged(&mut cargo)?;
        folder.join("handler/bootstrap")
    };
    for (app, crates) in APPS {
        let folder = plan.out.join(app);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let entries = unpacked(&folder, crates, &built)?;
        archive(&plan.out.join(format!("{app}.zip")), &entries)?;
    }
    Ok(())
}

/// Lays out an app as the host expects it, ready to be started from its folder.
fn unpacked(folder: &Path, crates: &[&str], program: &Path) -> Result<Vec<Entry>> {
    let mut wanted = vec![
        ("handler".to_owned(), program.to_owned(), true),
        ("host.json".to_owned(), workspace().join("host.json"), false),
    ];
    for name in crates {
        for (function, file) in functions(name)? {
            wanted.push((format!("{function}/function.json"), file, false));
        }
    }
    let lay_out = |(name, source, executable): (String, PathBuf, bool)| {
        let at = folder.join(&name);
        place(&source, &at)?;
        Ok(Entry { name, source: at, executable })
    };
    wanted.into_iter().map(lay_out).collect()
}

/// The functions of a crate, each with its `function.json`.
fn functions(package: &str) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(workspace().join("functions").join(package))? {
        let folder = entry?.path();
        let file = folder.join("function.json");
        if let (Some(name), true) = (folder.file_name(), file.is_file()) {
            found.push((name.to_string_lossy().into_owned(), file));
        }
    }
    if found.is_empty() {
        return Err(failure!("no function.json in functions/{package}: `cargo xtask bless`"));
    }
    Ok(found)
}
