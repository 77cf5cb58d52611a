//! The `feed` space: announcements of what has ended, for verifiers that do not read cuts themselves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::random::{Random, draw, time_ordered_id};
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Table, decode, encode,
    list_all, settle,
};

/// One partition of the feed spans this long.
const SLOT: Duration = Duration::from_mins(5);
/// Writers spread over this many partitions of a slot.
const SHARDS: u8 = 4;
/// How far back a verifier must look: an access token's 15 minutes, and a minute for clocks.
pub const FEED_WINDOW: Duration = Duration::from_mins(16);

/// Announces endings and lists them.
pub struct Feed<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// "Everything that matches this digest and was begun up to then is over."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The digest of a [`Cut`](super::Cut).
    pub digest: String,
    /// Up to when.
    pub until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    digest: String,
    until_ms: u64,
}

impl<'a> Feed<'a> {
    /// The feed in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Announces an ending that is already stored. Announcing twice is harmless.
    pub async fn announce(
        &self,
        announcement: &Announcement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let [byte] = draw::<1>(self.random);
        let stored = Stored {
            v: 1,
            digest: announcement.digest.clone(),
            until_ms: announcement.until.millis(),
        };
        let commit = Commit::new(partition(slot_of(now), byte % SHARDS)?, self.random).put(
            Name::new(time_ordered_id(now, self.random))?,
            Condition::Absent,
            encode("announcement", &stored)?,
            Some(now + FEED_WINDOW + SLOT),
        )?;
        match settle(self.records, &commit, now).await? {
            Outcome::Committed => Ok(()),
            Outcome::Conflict => Err(StoreError::Contended { what: "an announcement's id" }),
        }
    }

    /// Everything announced in the slots from `since` on, oldest slot first.
    pub async fn since(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Announcement>, StoreError> {
        let mut found = Vec::new();
        for slot in slot_of(since)..=slot_of(now) {
            for shard in 0..SHARDS {
                let records = list_all(self.records, &partition(slot, shard)?, None, now).await?;
                for record in &records {
                    let stored: Stored = decode("announcement", record)?;
                    let until = Timestamp::from_millis(stored.until_ms);
                    found.push(Announcement { digest: stored.digest, until });
                }
            }
        }
        Ok(found)
    }
}

const fn slot_of(at: Timestamp) -> u64 {
    at.secs() / SLOT.as_secs()
}

fn partition(slot: u64, shard: u8) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Identity, format!("feed:{slot}:{shard}"))?)
}
