//! Private folders, and files that are there as a whole or not at all.

use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use crate::open::{OpenError, Problem};

/// Only the owner may enter.
const FOLDER_MODE: u32 = 0o700;
/// Only the owner may read and write.
pub(crate) const FILE_MODE: u32 = 0o600;
/// Only the owner may read.
pub(crate) const SEALED_MODE: u32 = 0o400;

/// The bits of a mode that let anybody but the owner in.
const OTHERS: u32 = 0o077;
/// Those of them that let others replace what is inside.
const OTHERS_WRITE: u32 = 0o022;

/// Makes the folder that the deployment names. One that is there may be looked into by others, as mounted
/// volumes usually may, but not written: whatever lies in it is private by itself.
pub(crate) fn data_folder(path: &Path) -> Result<(), OpenError> {
    folder(path, OTHERS_WRITE)
}

/// Makes a folder that only its owner may enter. One that is there must be as private already.
pub(crate) fn private_folder(path: &Path) -> Result<(), OpenError> {
    folder(path, OTHERS)
}

fn folder(path: &Path, forbidden: u32) -> Result<(), OpenError> {
    if let Err(error) = make_folders(path) {
        // A file in the folder's place is reported as existing.
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(OpenError::at(path)(error));
        }
    }
    let facts = fs::metadata(path).map_err(OpenError::at(path))?;
    if !facts.is_dir() {
        return Err(OpenError::at(path)(Problem::NotAFolder));
    }
    check(&facts, forbidden, FOLDER_MODE).map_err(OpenError::at(path))
}

/// Makes a folder and those above it, all of them private. Those that are there stay as they are.
pub(crate) fn make_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Refuses a file that anybody but the owner may touch.
pub(crate) fn check_private(facts: &Metadata) -> Result<(), Problem> {
    check(facts, OTHERS, FILE_MODE)
}

fn check(facts: &Metadata, forbidden: u32, wanted: u32) -> Result<(), Problem> {
    let mode = facts.permissions().mode() & 0o7777;
    if mode & forbidden == 0 { Ok(()) } else { Err(Problem::TooOpen { mode, wanted }) }
}

/// Writes a file under a name that is not taken, durably; `false` when it is taken. `incoming` is a folder
/// on the same disk in which the file grows until it is complete.
pub(crate) fn create_file(
    incoming: &Path,
    path: &Path,
    bytes: &[u8],
    mode: u32,
) -> io::Result<bool> {
    let mut file = tempfile::NamedTempFile::new_in(incoming)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(path).map(|()| true),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(refused) => Err(refused.error),
    }
}

/// Makes a file's name as durable as its content.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
