//! The `open` space: runs that are not over yet, which is all that the sweep has to look at.

use serde::{Deserialize, Serialize};

use super::RunId;
use crate::clock::Timestamp;
use crate::digest::digest_of;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Table, Version, decode,
    encode, list_all, settle,
};
use crate::tenant::TenantId;

/// How often an entry is tried again when another request for the same run wins.
const TRIES: usize = 8;

/// Tenants are spread over this many partitions.
pub const OPEN_SHARDS: u8 = 16;

/// Keeps the entries of open runs.
pub struct OpenRuns<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// An entry: somebody began to ask for this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: RunId,
    /// When it was first asked for.
    pub requested_at: Timestamp,
    /// When it was last asked for. Until a while after that, a row may still come.
    pub entered_at: Timestamp,
    /// The version that removing the entry must name.
    pub version: Version,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    tenant: String,
    run: String,
    requested_ms: u64,
    entered_ms: u64,
}

impl<'a> OpenRuns<'a> {
    /// The entries in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Enters a run and tells when it was first entered, so that a repeated request writes the same. Entering
    /// again gives the entry a new version: a sweep that was about to remove it as abandoned then cannot.
    pub async fn enter(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let (partition, key) = (partition(shard_of(tenant))?, key(tenant, id)?);
        for _ in 0..TRIES {
            let found = self.records.get(&partition, &key, now).await?;
            let (requested_ms, condition) = match found {
                None => (now.millis(), Condition::Absent),
                Some(record) => {
                    let stored: Stored = decode("open run", &record)?;
                    (stored.requested_ms, Condition::Version(record.version))
                }
            };
            let stored = Stored {
                v: 1,
                tenant: tenant.as_str().into(),
                run: id.as_str().into(),
                requested_ms,
                entered_ms: now.millis(),
            };
            let body = encode("open run", &stored)?;
            let commit = Commit::new(partition.clone(), self.random).put(
                key.clone(),
                condition,
                body,
                None,
            )?;
            if settle(self.records, &commit, now).await? == Outcome::Committed {
                return Ok(Timestamp::from_millis(requested_ms));
            }
        }
        Err(StoreError::Contended { what: "an open run" })
    }

    /// Every entry of one shard.
    pub async fn of_shard(&self, shard: u8, now: Timestamp) -> Result<Vec<OpenRun>, StoreError> {
        let records = list_all(self.records, &partition(shard)?, None, now).await?;
        let read = |record| {
            let stored: Stored = decode("open run", record)?;
            Ok(OpenRun {
                tenant: TenantId::new(stored.tenant)
                    .map_err(|error| StoreError::unreadable("open run", error))?,
                id: RunId::new(stored.run)
                    .map_err(|error| StoreError::unreadable("open run", error))?,
                requested_at: Timestamp::from_millis(stored.requested_ms),
                entered_at: Timestamp::from_millis(stored.entered_ms),
                version: record.version,
            })
        };
        records.iter().map(read).collect()
    }

    /// Removes an entry, unless somebody entered the run anew.
    pub async fn leave(&self, open: &OpenRun, now: Timestamp) -> Result<(), StoreError> {
        let commit = Commit::new(partition(shard_of(&open.tenant))?, self.random)
            .delete(key(&open.tenant, &open.id)?, Some(open.version))?;
        // A conflict means that the entry is gone or new, and both are fine.
        let _: Outcome = self.records.commit(&commit, now).await?;
        Ok(())
    }
}

fn shard_of(tenant: &TenantId) -> u8 {
    let [first, ..] = digest_of(&["open", tenant.as_str()]);
    first % OPEN_SHARDS
}

fn partition(shard: u8) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Runs, format!("open:{shard:02}"))?)
}

fn key(tenant: &TenantId, id: &RunId) -> Result<Name, StoreError> {
    Ok(Name::new(format!("{tenant}:{id}"))?)
}
