//! Records in memory, for tests that make thousands of stores.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Table,
    Version, Write,
};

/// Keeps every contract of a store but that of lasting.
#[derive(Default)]
pub struct MemoryRecords(Mutex<Rows>);

type Rows = BTreeMap<(&'static str, Name, Name), Record>;

impl MemoryRecords {
    /// Everything that is stored, live or not, as text: for tests that look for what must not be there.
    pub fn dump(&self) -> String {
        let rows = self.0.lock().unwrap();
        let line = |((table, partition, key), record): (&(&str, Name, Name), &Record)| {
            let body = String::from_utf8_lossy(&record.body);
            format!("{table} {} {} {body}\n", partition.as_str(), key.as_str())
        };
        rows.iter().map(line).collect()
    }

    /// How many records a table holds.
    pub fn count(&self, table: Table) -> usize {
        self.0.lock().unwrap().keys().filter(|(name, ..)| *name == table.name()).count()
    }
}

fn place(at: &Partition, key: &Name) -> (&'static str, Name, Name) {
    (at.table().name(), at.name().clone(), key.clone())
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

#[async_trait]
impl Records for MemoryRecords {
    async fn get(
        &self,
        at: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        let rows = self.0.lock().unwrap();
        Ok(rows.get(&place(at, key)).filter(|record| record.is_live(now)).cloned())
    }

    async fn list(&self, at: &Partition, range: &Range, now: Timestamp) -> Result<Page, Outage> {
        let rows = self.0.lock().unwrap();
        let limit = usize::from(range.limit.max(1));
        let fits = |record: &&Record| {
            let key = record.key.as_str();
            let begins = range.prefix.as_ref().is_none_or(|it| key.starts_with(it.as_str()));
            let later = range.after.as_ref().is_none_or(|it| key > it.as_str());
            begins && later && record.is_live(now)
        };
        let here = rows.iter().filter(|((table, partition, _), _)| {
            *table == at.table().name() && partition == at.name()
        });
        let records: Vec<Record> =
            here.map(|(_, record)| record).filter(fits).take(limit).cloned().collect();
        let is_full = records.len() == limit;
        let next = records.last().filter(|_| is_full).map(|record| record.key.clone());
        Ok(Page { records, next })
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        let mut rows = self.0.lock().unwrap();
        let at = commit.partition();
        for write in commit.writes() {
            let standing = rows.get(&place(at, write.key())).filter(|record| record.is_live(now));
            if !holds(write, standing.map(|record| record.version)) {
                return Ok(Outcome::Conflict);
            }
        }
        for write in commit.writes() {
            let at = place(at, write.key());
            match write {
                Write::Put { key, body, expires_at, .. } => {
                    let (key, body) = (key.clone(), body.clone());
                    let version = commit.version();
                    rows.insert(at, Record { key, version, expires_at: *expires_at, body });
                }
                Write::Delete { .. } => drop(rows.remove(&at)),
                Write::Expect { .. } => {}
            }
        }
        Ok(Outcome::Committed)
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let mut rows = self.0.lock().unwrap();
        let over = |record: &Record| record.expires_at.is_some_and(|end| end <= before);
        let dead = rows.iter().filter(|(_, record)| over(record)).map(|(at, _)| at.clone());
        let dead: Vec<_> = dead.take(budget).collect();
        for at in &dead {
            rows.remove(at);
        }
        Ok(Purged { deleted: dead.len(), more: dead.len() == budget })
    }
}
