//! Prepared environments: the packages that an automation names in `requirements.lock`, installed once and read by
//! every run after that.
//!
//! Each lies in a folder whose name is a digest of all that it depends on, and grows under another name until it is
//! whole. Packages are taken as wheels alone: building one would run its author's program as the gateway.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use aws_lc_rs::digest::{SHA256, digest};
use gatelet_core::automation::catalog::Automation;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::super::tree::remove;
use super::python::Python;

/// The file that names the packages, each with its version and its digests.
const LOCK: &str = "requirements.lock";
/// How many of the last lines of a program that failed are told.
const TOLD: usize = 12;

/// Why there is no environment.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// There is no Python.
    #[error("{0}")]
    Python(String),
    /// Python cannot make environments.
    #[error(
        "Python cannot make an environment ({said}): install its module venv, such as the package python3-venv"
    )]
    Venv {
        /// What it said.
        said: String,
    },
    /// The packages could not be had.
    #[error(
        "pip could not install what {LOCK} names: each line needs a version and a --hash, and a wheel for this \
         machine; where no package index can be reached, name one with PIP_INDEX_URL or a folder of wheels with \
         PIP_FIND_LINKS and PIP_NO_INDEX=1, then `gatelet automation prepare`. It said: {said}"
    )]
    Packages {
        /// What it said.
        said: String,
    },
    /// The folder cannot be used.
    #[error("could not use {}: {cause}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// The folder of all of them.
pub(super) struct Environments {
    folder: PathBuf,
    /// Whoever prepares one. Others wait, and find it prepared.
    one: Mutex<()>,
}

impl Environments {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, one: Mutex::new(()) }
    }

    /// The folders with the packages of an automation: none for one that needs none. `None` if they are to be prepared.
    pub(super) fn found(&self, automation: &Automation, python: &Python) -> Option<Vec<PathBuf>> {
        let Some(lock) = automation.files.get(LOCK) else { return Some(Vec::new()) };
        let packages = packages(&self.place(lock, python), python);
        packages.is_dir().then(|| vec![packages])
    }

    /// The same, prepared if it is not yet. `tell` hears how far it is.
    pub(super) async fn prepare(
        &self,
        automation: &Automation,
        python: &Python,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<Vec<PathBuf>, PrepareError> {
        let _one = self.one.lock().await;
        if let Some(found) = self.found(automation, python) {
            return Ok(found);
        }
        let Some(lock) = automation.files.get(LOCK) else { return Ok(Vec::new()) };
        let place = self.place(lock, python);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |cause| PrepareError::Folder { path, cause }
        };
        make_open(&self.folder).map_err(at(&self.folder))?;
        let growing = tempfile::Builder::new().prefix("growing-").tempdir_in(&self.folder);
        let growing = growing.map_err(at(&self.folder))?;
        tell("making a Python environment");
        make(growing.path(), python).await?;
        tell("installing the packages that requirements.lock names");
        let named = growing.path().join(LOCK);
        fs::write(&named, lock).map_err(at(&named))?;
        install(growing.path(), &named).await?;
        open(growing.path()).map_err(at(growing.path()))?;
        let whole = growing.keep();
        if let Err(cause) = fs::rename(&whole, &place) {
            let _ = remove(&whole);
            // Another process may have been faster.
            if !packages(&place, python).is_dir() {
                return Err(PrepareError::Folder { path: place, cause });
            }
        }
        tell("the environment is prepared");
        Ok(vec![packages(&place, python)])
    }

    fn place(&self, lock: &[u8], python: &Python) -> PathBuf {
        let (series, machine) = (python.series(), std::env::consts::ARCH);
        let all = [series.as_bytes(), b"\n", machine.as_bytes(), b"\n", lock].concat();
        self.folder.join(hex::encode(digest(&SHA256, &all)))
    }
}

fn packages(place: &Path, python: &Python) -> PathBuf {
    place.join("lib").join(format!("python{}", python.series())).join("site-packages")
}

async fn make(place: &Path, python: &Python) -> Result<(), PrepareError> {
    let mut command = Command::new(python.program());
    command.args(["-I", "-m", "venv", "--clear"]).arg(place);
    done(command).await.map_err(|said| PrepareError::Venv { said })
}

async fn install(place: &Path, named: &Path) -> Result<(), PrepareError> {
    let mut command = Command::new(place.join("bin").join("python"));
    command.args(["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]);
    command.args(["--require-hashes", "--no-deps", "--only-binary", ":all:"]);
    command.args(["--root-user-action", "ignore", "--requirement"]).arg(named);
    done(command).await.map_err(|said| PrepareError::Packages { said })
}

async fn done(mut command: Command) -> Result<(), String> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(TOLD)..).unwrap_or_default();
    Err(last.join(" / "))
}

/// Makes a folder, and those above it that are missing, into which every user may look.
fn make_open(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|above| !above.exists()).collect();
    fs::create_dir_all(folder)?;
    missing.iter().try_for_each(|made| fs::set_permissions(made, Permissions::from_mode(0o755)))
}

/// Lets every user read it, whatever this process masks: scripts run as another one.
fn open(folder: &Path) -> io::Result<()> {
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        fs::set_permissions(&folder, Permissions::from_mode(0o755))?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                left.push(entry.path());
            } else if kind.is_file() {
                let mode = entry.metadata()?.permissions().mode();
                fs::set_permissions(entry.path(), Permissions::from_mode(mode | 0o444))?;
            }
        }
    }
    Ok(())
}
