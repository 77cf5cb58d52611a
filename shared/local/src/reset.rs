//! Deleting a folder of ours, and nothing else.
//!
//! The records go first and the lock's file last. Whatever is left when that is interrupted is a folder of ours
//! still, and a start on it finds no records and makes new ones.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// The file that a process holds while it prepares the folder. It is what is left last.
const LOCK: &str = "gatelet.lock";
/// The records.
const RECORDS: &str = "gatelet.db";
/// What SQLite may leave beside them.
const BESIDE: [&str; 3] = ["gatelet.db-wal", "gatelet.db-shm", "gatelet.db-journal"];
/// The folders.
const FOLDERS: [&str; 2] = ["secrets", "objects"];
/// How every SQLite file begins that holds anything.
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// A folder of ours that no process uses. Nobody can start on it while this lives.
pub struct Deletable {
    folder: PathBuf,
    found: Found,
    _lock: File,
    _records: Option<Connection>,
}

/// What lies in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The size of the records, in bytes.
    pub record_bytes: u64,
    /// Versions of secrets.
    pub secrets: usize,
    /// Objects.
    pub objects: usize,
}

/// Why a folder is not deleted.
#[derive(Debug, thiserror::Error)]
pub enum Spared {
    /// It is a file or a link.
    #[error("it is not a folder")]
    NotAFolder,
    /// Nothing in it says that it is one of ours.
    #[error("it is no folder of Gatelet's: it holds no {RECORDS}")]
    NotOurs,
    /// It holds what we did not put there.
    #[error("{} is not Gatelet's", .0.display())]
    Foreign(PathBuf),
    /// Another process has it open.
    #[error("a process is using it")]
    InUse,
    /// The operating system refuses.
    #[error("{0}")]
    System(#[from] io::Error),
}

impl Deletable {
    /// Looks into a folder; `None` when there is none, or nothing in it.
    pub fn at(folder: &Path) -> Result<Option<Self>, Spared> {
        let facts = match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            facts => facts?,
        };
        if !facts.is_dir() {
            return Err(Spared::NotAFolder);
        }
        if fs::read_dir(folder)?.next().is_none() {
            return Ok(None);
        }
        let found = survey(folder)?;
        let lock = File::options().read(true).write(true).open(folder.join(LOCK));
        let lock = lock.or_else(|_| File::open(folder.join(RECORDS)))?;
        lock.try_lock().map_err(|_| Spared::InUse)?;
        let records = sole_user(&folder.join(RECORDS))?;
        Ok(Some(Self { folder: folder.to_owned(), found, _lock: lock, _records: records }))
    }

    /// What lies in it.
    #[must_use]
    pub const fn found(&self) -> &Found {
        &self.found
    }

    /// Deletes it. A folder that cannot be removed itself, because something is mounted there, stays and is empty.
    pub fn delete(self) -> io::Result<()> {
        for name in BESIDE.iter().chain([&RECORDS]) {
            gone(fs::remove_file(self.folder.join(name)))?;
        }
        for name in FOLDERS {
            gone(fs::remove_dir_all(self.folder.join(name)))?;
        }
        gone(fs::remove_file(self.folder.join(LOCK)))?;
        // It is empty now, which is what was asked for.
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }
}

/// Looks at everything below a folder, and refuses it when anything there is not ours.
fn survey(folder: &Path) -> Result<Found, Spared> {
    let (mut found, mut ours) = (Found::default(), false);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name();
        match name.to_str() {
            Some(RECORDS) if kind.is_file() && is_sqlite(&path)? => {
                found.record_bytes = entry.metadata()?.len();
                ours = true;
            }
            Some(LOCK) if kind.is_file() => ours = true,
            Some(name) if kind.is_file() && BESIDE.contains(&name) => {}
            Some("secrets") if kind.is_dir() => found.secrets = count(&path)?,
            Some("objects") if kind.is_dir() => found.objects = count(&path)?,
            _ => return Err(Spared::Foreign(path)),
        }
    }
    if ours { Ok(found) } else { Err(Spared::NotOurs) }
}

/// How many files are below a folder. There is nothing else but folders in one of ours.
fn count(folder: &Path) -> Result<usize, Spared> {
    let mut files = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind: FileType = entry.file_type()?;
        if kind.is_dir() {
            files += count(&entry.path())?;
        } else if kind.is_file() {
            files += 1;
        } else {
            return Err(Spared::Foreign(entry.path()));
        }
    }
    Ok(files)
}

/// Whether a file is a SQLite file, or is empty because its making was interrupted.
fn is_sqlite(path: &Path) -> io::Result<bool> {
    let mut start = Vec::with_capacity(HEADER.len());
    File::open(path)?.take(16).read_to_end(&mut start)?;
    Ok(start.is_empty() || start == HEADER)
}

/// Takes the records for ourselves, which nobody can who is not alone with them. Damaged ones are nobody's.
fn sole_user(path: &Path) -> Result<Option<Connection>, Spared> {
    let taken = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // Every process of ours keeps the file in WAL mode, which nobody can end while another has it open.
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        Ok::<_, rusqlite::Error>(connection)
    };
    match taken() {
        Ok(connection) => Ok(Some(connection)),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(Spared::InUse),
            _ => Ok(None),
        },
    }
}

/// Whether something is gone, by our hand or because it was never there.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
