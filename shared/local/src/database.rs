//! The SQLite file that records, queue and tickets share.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::files::{FILE_MODE, check_private, data_folder};
use crate::open::{OpenError, Problem};
use crate::work::blocking;

/// The newest schema this release knows, kept in the file's `user_version`.
const SCHEMA: u32 = 1;

/// How long a process waits for another one's commit before it gives up.
const BUSY: Duration = Duration::from_secs(10);

const TABLES: &str = "
    CREATE TABLE records (
        tab TEXT NOT NULL,
        partition TEXT NOT NULL,
        key TEXT NOT NULL,
        version BLOB NOT NULL,
        expires_at INTEGER,
        body BLOB NOT NULL,
        PRIMARY KEY (tab, partition, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX records_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL,
        visible_at INTEGER NOT NULL,
        deliveries INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX messages_visibility ON messages (visible_at);
    CREATE TABLE poison (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE tickets (
        digest BLOB PRIMARY KEY,
        direction TEXT NOT NULL,
        path TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tickets_expiry ON tickets (expires_at);
    PRAGMA user_version = 1;
";

/// One open SQLite file, `gatelet.db`, in a private folder. Other processes may have it open as well.
#[derive(Clone)]
pub struct Database {
    folder: Arc<Path>,
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the database in a folder. Folder, file and tables are made when they are missing.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        data_folder(folder)?;
        let path = folder.join("gatelet.db");
        let connection = open_file(folder, &path).map_err(OpenError::at(&path))?;
        Ok(Self { folder: folder.into(), connection: Arc::new(Mutex::new(connection)) })
    }

    /// The folder it lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Finds something by its key. That takes some microseconds, less than handing it to another thread, so it is
    /// done where it is asked for, unless the connection is in use.
    pub(crate) async fn find<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Outage> {
        if let Ok(connection) = self.connection.try_lock() {
            return work(&connection).map_err(|error| Outage::harmless(doing, error));
        }
        self.read(doing, work).await
    }

    /// Reads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Outage> {
        let this = self.clone();
        blocking(doing, move || work(&this.lock()).map_err(|e| Outage::harmless(doing, e))).await
    }

    /// Writes in one transaction that no other writer can interrupt. An error before its end undoes it; one
    /// while it ends leaves its effect unknown.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Outage> {
        let this = self.clone();
        blocking(doing, move || {
            let mut connection = this.lock();
            let (transaction, outcome) = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .and_then(|transaction| {
                    let outcome = work(&transaction)?;
                    Ok((transaction, outcome))
                })
                .map_err(|error| Outage::harmless(doing, error))?;
            transaction.commit().map_err(|error| Outage::uncertain(doing, error))?;
            Ok(outcome)
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle has rolled its transaction back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment as SQLite keeps it. What lies beyond its largest number is as good as forever.
pub(crate) fn to_sql(moment: Timestamp) -> i64 {
    i64::try_from(moment.millis()).unwrap_or(i64::MAX)
}

fn open_file(folder: &Path, path: &PathBuf) -> Result<Connection, Problem> {
    // Processes that start together must not prepare the same file at once. The lock ends with the handle.
    let lock = private_file(&folder.join("gatelet.lock"))?;
    lock.lock()?;
    // SQLite gives its side files the mode that the main file has.
    check_private(&private_file(path)?.metadata()?)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // "Committed" promises durability, and in WAL mode only FULL syncs at every commit.
    connection.pragma_update(None, "synchronous", "FULL")?;
    prepare(&mut connection)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> Result<(), Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        0 => transaction.execute_batch(TABLES)?,
        SCHEMA => {}
        _ => return Err(Problem::Newer { found, known: SCHEMA }),
    }
    Ok(transaction.commit()?)
}

fn private_file(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(path)
}
