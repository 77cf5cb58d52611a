//! The folder of one run: what the script reads, and the place where it may write. Nothing of it outlives the run.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown,
};
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use super::super::tree::remove;

/// What the name of each of them begins with. The number of the gateway's process comes after it.
const NAMED: &str = "gatelet-run-";

/// Removes the folders of gateways that are gone, and could not do it themselves: the machine was switched off.
pub(super) fn remove_old(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)?.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(NAMED)?.split('-').next());
        let Some(process) = process.and_then(|process| process.parse::<u32>().ok()) else {
            continue;
        };
        // One of somebody else, or a link, is none of ours whatever it is called.
        let facts = entry.metadata()?;
        let is_ours = facts.is_dir() && facts.uid() == rustix::process::geteuid().as_raw();
        if is_ours && !Path::new(&format!("/proc/{process}")).exists() {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// A folder that is removed with this.
pub(super) struct Folder {
    root: PathBuf,
}

/// What lies in it.
pub(super) struct Content<'a> {
    /// The files of the automation.
    pub(super) script: &'a BTreeMap<String, Bytes>,
    /// The files of the package that comes with the gateway.
    pub(super) package: &'a BTreeMap<String, Bytes>,
}

impl Folder {
    /// Lays everything out below `base`. A script of another user reads through the group, and others not at all.
    pub(super) fn lay_out(
        base: &Path,
        user: Option<u32>,
        content: &Content<'_>,
    ) -> io::Result<Self> {
        fs::create_dir_all(base)?;
        let name = format!("{NAMED}{}-", std::process::id());
        let root = tempfile::Builder::new().prefix(&name).tempdir_in(base)?.keep();
        // From here on it is removed whatever happens.
        let folder = Self { root };
        for (name, files) in [("script", content.script), ("package", content.package)] {
            let place = folder.root.join(name);
            make_folder(&place, 0o755)?;
            for (path, bytes) in files {
                write(&place, path, bytes)?;
            }
        }
        let scratch = folder.scratch();
        make_folder(&scratch, 0o700)?;
        if let Some(user) = user {
            chown(&scratch, Some(user), Some(user))?;
            chown(&folder.root, None, Some(user))?;
            fs::set_permissions(&folder.root, Permissions::from_mode(0o710))?;
        }
        Ok(folder)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn script(&self) -> PathBuf {
        self.root.join("script")
    }

    pub(super) fn package(&self) -> PathBuf {
        self.root.join("package")
    }

    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// Removes it, and says if that failed.
    pub(super) fn remove(self) -> io::Result<()> {
        remove(&self.root)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The keeper may have done it, and whoever needs to know asks `remove`.
        let _ = remove(&self.root);
    }
}

/// Whether the user that scripts run as comes to what lies in a folder: always where that is the gateway's own, and
/// otherwise if neither it nor one above it is closed. A folder that is missing will be.
pub(crate) fn others_can_enter(folder: &Path) -> bool {
    let is_open = |path: &Path| {
        let facts = fs::metadata(path);
        facts.is_ok_and(|facts| facts.permissions().mode() & 0o001 != 0)
    };
    !rustix::process::geteuid().is_root() || folder.ancestors().all(is_open)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let name = Path::new(name);
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, "a file leads elsewhere"));
    }
    let mut place = folder.to_owned();
    for part in name.parent().into_iter().flat_map(Path::components) {
        place.push(part);
        if !place.is_dir() {
            make_folder(&place, 0o755)?;
        }
    }
    let path = folder.join(name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o444).open(&path)?;
    file.write_all(bytes)?;
    // Whatever the process masks.
    fs::set_permissions(&path, Permissions::from_mode(0o444))
}

fn make_folder(path: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().mode(mode).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(mode))
}
