//! The catalog of one machine: a folder, or what was delivered.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use gatelet_core::automation::catalog::Catalog;

use crate::error::Error;

/// The folder that is taken where none is named, if it is there.
const USUAL: &str = "automations";
/// The most bytes that are read: a folder that is longer is no catalog.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Where the catalog comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogPlace {
    /// From this folder.
    Folder(PathBuf),
    /// It came with the gateway.
    Delivered,
}

impl CatalogPlace {
    /// The folder that was named, or the usual one if it is there, or what was delivered.
    #[must_use]
    pub fn of(named: Option<&Path>) -> Self {
        match named {
            Some(folder) => Self::Folder(folder.to_owned()),
            None if Path::new(USUAL).is_dir() => Self::Folder(USUAL.into()),
            None => Self::Delivered,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Delivered => "the automations that come with the gateway".into(),
        }
    }

    /// Reads the catalog, and tells all that is wrong with it.
    pub fn read(&self) -> Result<Catalog, Error> {
        let read = match self {
            Self::Folder(folder) => Catalog::read(
                files(folder)
                    .map_err(|error| Error::start(format!("read {}", self.name()), error))?,
            ),
            Self::Delivered => gatelet_delivered::read(),
        };
        read.map_err(|mistakes| Error::Catalog { from: self.name(), mistakes })
    }
}

/// Every file below a folder, by its path there. Names that begin with a dot, what Python leaves behind, and links are
/// passed over.
fn files(root: &Path) -> io::Result<Vec<(String, Bytes)>> {
    let (mut found, mut read) = (Vec::new(), 0);
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            let (kind, path) = (entry.file_type()?, format!("{prefix}{name}"));
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else if kind.is_file() {
                read += entry.metadata()?.len();
                if read > MOST_BYTES {
                    return Err(io::Error::other("it is too long to be a catalog"));
                }
                found.push((path, fs::read(entry.path())?.into()));
            }
        }
    }
    Ok(found)
}
