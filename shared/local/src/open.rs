//! Why a folder or a file in it cannot be used, in words for the person who starts the process.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Something that must be opened at the start could not be.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {problem}", path.display())]
pub struct OpenError {
    /// What was to be opened.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file, or anything else, where the folder should be.
    #[error("it is not a folder")]
    NotAFolder,
    /// Others than the owner may read or write it.
    #[error("its mode is {mode:04o}, and nobody but its owner may have access: chmod {wanted:04o}")]
    TooOpen {
        /// The mode it has.
        mode: u32,
        /// The mode it should have.
        wanted: u32,
    },
    /// It cannot be written.
    #[error("it cannot be written: the disk is read-only, or another user owns it")]
    ReadOnly,
    /// A newer release has changed the tables.
    #[error("it was written by a newer release (schema {found}; this one knows {known}): upgrade")]
    Newer {
        /// The schema of the file.
        found: u32,
        /// The newest schema that this release knows.
        known: u32,
    },
    /// The file is damaged, or was never a database.
    #[error("it is damaged or no SQLite database: restore it from a copy")]
    Corrupt,
    /// Anything else that the operating system refuses.
    #[error("{0}")]
    System(io::Error),
    /// Anything else that SQLite refuses.
    #[error("{0}")]
    Database(rusqlite::Error),
}

impl OpenError {
    /// Names the path that a problem is about.
    pub(crate) fn at<P: Into<Problem>>(path: &Path) -> impl FnOnce(P) -> Self {
        move |problem| Self { path: path.to_owned(), problem: problem.into() }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            io::ErrorKind::NotADirectory => Self::NotAFolder,
            _ => Self::System(error),
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Corrupt,
            _ => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_cannot_be_written_is_named_as_such() {
        for kind in [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied] {
            let error = OpenError::at(Path::new("/data/gatelet"))(io::Error::from(kind));
            assert!(matches!(error.problem, Problem::ReadOnly));
            assert!(
                error.to_string().starts_with("cannot use /data/gatelet: it cannot be written")
            );
        }
        let refused = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY_DIRECTORY);
        let refused = rusqlite::Error::SqliteFailure(refused, None);
        assert!(matches!(Problem::from(refused), Problem::ReadOnly));
    }
}
