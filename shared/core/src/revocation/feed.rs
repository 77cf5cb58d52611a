//! The `feed` space: announcements of what has ended, for verifiers that do not read cuts themselves.

use std::time::Duration;

use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::{Cut, CutDigest, GRACE};
use crate::clock::Timestamp;
use crate::random::{Random, draw, time_ordered_id, time_prefix};
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Range, Record, Records, StoreError, Table, decode,
    encode, list_range, settle,
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
    /// The digest of a [`Cut`].
    pub digest: CutDigest,
    /// Whether it is the end of one session by its own id. Nearly all are, and a verifier that knows of no other
    /// kind need not look for one.
    pub of_session: bool,
    /// Up to when.
    pub until: Timestamp,
}

impl Announcement {
    /// That a cut holds up to then.
    #[must_use]
    pub fn of(cut: &Cut, until: Timestamp) -> Self {
        Self { digest: cut.digest(), of_session: matches!(cut, Cut::Session(_)), until }
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    digest: String,
    of_session: bool,
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
            digest: announcement.digest.to_string(),
            of_session: announcement.of_session,
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

    /// Everything announced from `since` on, oldest slot first. Where the clock of a writer runs ahead, also what
    /// it announced in a minute that has not begun here.
    pub async fn since(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Announcement>, StoreError> {
        let slots = slot_of(since)..=slot_of(now + GRACE);
        let places = slots.flat_map(|slot| (0..SHARDS).map(move |shard| (slot, shard)));
        let reads = places.map(|(slot, shard)| self.read(slot, shard, since, now));
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        slot: u64,
        shard: u8,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Announcement>, StoreError> {
        let after = Some(Name::new(time_prefix(since))?);
        let range = Range { prefix: None, after, limit: 500 };
        let records = list_range(self.records, &partition(slot, shard)?, range, now).await?;
        let read = |record: &Record| {
            let Stored { digest, of_session, until_ms, .. } = decode("announcement", record)?;
            let digest = CutDigest::of_hex(&digest)
                .ok_or_else(|| StoreError::unreadable("announcement", "it has no digest"))?;
            Ok(Announcement { digest, of_session, until: Timestamp::from_millis(until_ms) })
        };
        records.iter().map(read).collect()
    }
}

const fn slot_of(at: Timestamp) -> u64 {
    at.secs() / SLOT.as_secs()
}

fn partition(slot: u64, shard: u8) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Identity, format!("feed:{slot}:{shard}"))?)
}
