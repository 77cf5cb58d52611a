//! The runner: the Python package, and beside it the libraries that automations name, each set in a folder that is called
//! by the digest of its `requirements.lock`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Entry, Plan, archive};
use crate::run::{Result, answer, failure, target_folder, workspace};
use crate::tools;

/// The Python of both clouds' runners, as `template.yaml` and `infra/azure` name it.
const PYTHON: &str = "3.13";

/// Where a runner runs.
pub(super) struct Home {
    /// A name for the folder of its libraries.
    pub(super) name: &'static str,
    /// The platforms whose wheels run there, as pip calls them.
    pub(super) platforms: &'static [&'static str],
    /// What the cloud wants beside the package: a name in the archive, and the file.
    pub(super) beside: &'static [(&'static str, &'static str)],
}

/// Makes `runner.zip`.
pub(super) fn package(plan: &Plan, home: &Home) -> Result<()> {
    let mut entries = Vec::new();
    let package = workspace().join("automations/python");
    let own = |file: &PathBuf| file.extension().is_some_and(|kind| kind == "py");
    for file in files(&package)?.into_iter().filter(own) {
        entries.push(entry(&package, file, "")?);
    }
    for (name, file) in home.beside {
        let source = workspace().join(file);
        entries.push(Entry { name: (*name).to_owned(), source, executable: false });
    }
    let libraries = libraries(home)?;
    for file in files(&libraries)? {
        entries.push(entry(&libraries, file, "libraries/")?);
    }
    archive(&plan.out.join("runner.zip"), &entries)
}

/// Installs what the automations name, where it is not yet installed.
fn libraries(home: &Home) -> Result<PathBuf> {
    let folder = target_folder().join("runner-libraries").join(home.name);
    // The one tool that a package needs anyway brings a pip of a known age.
    let python = tools::home_of("cargo-lambda")?.join("bin/python");
    let mut pip = Command::new(python);
    pip.args(["-c", include_str!("libraries.py")]).arg(workspace().join("automations"));
    pip.arg(&folder).arg(PYTHON).args(home.platforms);
    answer(&mut pip)?;
    Ok(folder)
}

fn entry(root: &Path, source: PathBuf, above: &str) -> Result<Entry> {
    let inner = source.strip_prefix(root).map_err(|error| failure!("{error}"))?;
    let name = format!("{above}{}", inner.display());
    Ok(Entry { name, source, executable: false })
}

/// All files below a folder, in one order everywhere, without what tools have made beside them.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for listed in std::fs::read_dir(&folder)? {
            let path = listed?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
