//! Records in SQLite.

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Version,
    Write, is_live,
};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::database::{Database, to_sql};

/// How many bytes of bodies a page holds before it is cut short.
const PAGE_BYTES: usize = 1024 * 1024;

/// Above every character that a name may hold.
const ABOVE_ALL: char = '\u{7f}';

const GET: &str = "SELECT key, version, expires_at, body FROM records
    WHERE tab = ?1 AND partition = ?2 AND key = ?3 AND (expires_at IS NULL OR expires_at > ?4)";
const LIST: &str = "SELECT key, version, expires_at, body FROM records
    WHERE tab = ?1 AND partition = ?2 AND key > ?3 AND key >= ?4 AND key < ?5
        AND (expires_at IS NULL OR expires_at > ?6)
    ORDER BY key LIMIT ?7";
const STANDING: &str = "SELECT version, expires_at FROM records
    WHERE tab = ?1 AND partition = ?2 AND key = ?3";
const PUT: &str = "INSERT OR REPLACE INTO records (tab, partition, key, version, expires_at, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const DELETE: &str = "DELETE FROM records WHERE tab = ?1 AND partition = ?2 AND key = ?3";
const PURGE: &str = "DELETE FROM records WHERE (tab, partition, key) IN (
    SELECT tab, partition, key FROM records WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

/// Records in the database's one file.
pub struct SqliteRecords(Database);

impl SqliteRecords {
    /// The records of a database.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self(database)
    }
}

#[async_trait]
impl Records for SqliteRecords {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        let (partition, key) = (partition.clone(), key.clone());
        let work = move |connection: &Connection| {
            let (table, partition) = (partition.table().name(), partition.name().as_str());
            connection
                .prepare_cached(GET)?
                .query_row(params![table, partition, key.as_str(), to_sql(now)], read_record)
                .optional()
        };
        self.0.find("read a record", work).await
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        let (partition, range) = (partition.clone(), range.clone());
        let work = move |connection: &Connection| list(connection, &partition, &range, now);
        self.0.read("list records", work).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        if commit.writes().is_empty() {
            return Ok(Outcome::Committed);
        }
        let commit = commit.clone();
        self.0.write("commit records", move |transaction| apply(transaction, &commit, now)).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let work = move |transaction: &Transaction<'_>| {
            let most = i64::try_from(budget).unwrap_or(i64::MAX);
            transaction.prepare_cached(PURGE)?.execute(params![to_sql(before), most])
        };
        let deleted = self.0.write("purge records", work).await?;
        Ok(Purged { deleted, more: deleted == budget })
    }
}

fn list(
    connection: &Connection,
    partition: &Partition,
    range: &Range,
    now: Timestamp,
) -> rusqlite::Result<Page> {
    let prefix = range.prefix.as_ref().map_or("", Name::as_str);
    let limit = usize::from(range.limit.max(1));
    let mut statement = connection.prepare_cached(LIST)?;
    let mut rows = statement.query(params![
        partition.table().name(),
        partition.name().as_str(),
        range.after.as_ref().map_or("", Name::as_str),
        prefix,
        format!("{prefix}{ABOVE_ALL}"),
        to_sql(now),
        i64::from(range.limit.max(1)),
    ])?;
    let mut page = Page::default();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let record = read_record(row)?;
        bytes += record.body.len();
        let full = bytes >= PAGE_BYTES || page.records.len() + 1 == limit;
        if full {
            page.next = Some(record.key.clone());
        }
        page.records.push(record);
        if full {
            break;
        }
    }
    Ok(page)
}

/// All conditions are checked before the first write, so that a conflict has nothing to undo.
fn apply(
    transaction: &Transaction<'_>,
    commit: &Commit,
    now: Timestamp,
) -> rusqlite::Result<Outcome> {
    let table = commit.partition().table().name();
    let partition = commit.partition().name().as_str();
    for write in commit.writes() {
        let standing = transaction
            .prepare_cached(STANDING)?
            .query_row(params![table, partition, write.key().as_str()], read_standing)
            .optional()?;
        let live = standing.filter(|(_, end)| is_live(*end, now)).map(|(version, _)| version);
        if !holds(write, live) {
            return Ok(Outcome::Conflict);
        }
    }
    for write in commit.writes() {
        let key = write.key().as_str();
        match write {
            Write::Put { body, expires_at, .. } => {
                let (version, end) = (commit.version(), expires_at.map(to_sql));
                transaction.prepare_cached(PUT)?.execute(params![
                    table,
                    partition,
                    key,
                    version.as_bytes(),
                    end,
                    body
                ])?;
            }
            Write::Delete { .. } => {
                transaction.prepare_cached(DELETE)?.execute(params![table, partition, key])?;
            }
            Write::Expect { .. } => {}
        }
    }
    Ok(Outcome::Committed)
}

/// Whether a write may happen over the version that is live under its key.
fn holds(write: &Write, live: Option<Version>) -> bool {
    match write {
        Write::Put { condition: Condition::Absent, .. } => live.is_none(),
        Write::Put { condition: Condition::Anything, .. } | Write::Delete { version: None, .. } => {
            true
        }
        Write::Put { condition: Condition::Version(version), .. }
        | Write::Delete { version: Some(version), .. }
        | Write::Expect { version, .. } => live == Some(*version),
    }
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let key: String = row.get(0)?;
    let key = Name::new(key)
        .map_err(|bad| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(bad)))?;
    Ok(Record {
        key,
        version: Version::from_bytes(row.get(1)?),
        expires_at: read_moment(row, 2)?,
        body: row.get(3)?,
    })
}

fn read_standing(row: &Row<'_>) -> rusqlite::Result<(Version, Option<Timestamp>)> {
    Ok((Version::from_bytes(row.get(0)?), read_moment(row, 1)?))
}

fn read_moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(|millis| Timestamp::from_millis(millis.unsigned_abs())))
}
