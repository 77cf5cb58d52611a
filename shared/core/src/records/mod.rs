//! The only database port: records under a partition and a key, changed by conditional commits.
//!
//! What every adapter owes is written once, in `gatelet_contracts::records`, and run against each of them.

mod commit;
mod name;
mod settle;
mod store_error;

use async_trait::async_trait;

pub use self::commit::{
    BadCommit, Commit, Condition, MAX_BODY_BYTES, MAX_COMMIT_BYTES, MAX_WRITES, Outcome, Write,
};
pub use self::name::{BadName, MAX_NAME_BYTES, Name, Partition, Table};
pub(crate) use self::settle::has_arrived;
pub use self::settle::settle;
pub use self::store_error::StoreError;
pub(crate) use self::store_error::{decode, encode};
use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::random::{Random, draw};

/// Keeps records. `Ok(None)` is an answer, `Err` is an outage, and callers must not mix the two.
///
/// Reads are strongly consistent. A record whose `expires_at` is not after `now` does not exist, whatever
/// the store still holds. Adapters do not repeat a commit whose outcome they do not know: they answer with
/// [`Effect::Unknown`](crate::outage::Effect::Unknown), and the caller reads one of the records it wrote; its
/// [`Version`] tells whether the commit arrived. Where an adapter loses a race against other commits so
/// often that it gives up, it answers an outage without effect, never a conflict that was not there.
#[async_trait]
pub trait Records: Send + Sync {
    /// The live record under a key.
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage>;

    /// Live records of one partition in ascending byte order of their keys. A page may be short or even
    /// empty while it names a next one.
    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage>;

    /// Applies all writes of the commit, or none.
    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage>;

    /// Deletes records that expired at or before `before`, at most `budget` of them, in stores that do not
    /// do so themselves. Never touches a live record, whatever is written meanwhile.
    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage>;
}

/// A stored record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its key within the partition.
    pub key: Name,
    /// The id of the commit that wrote it.
    pub version: Version,
    /// From this moment on the record does not exist. `None` is forever.
    pub expires_at: Option<Timestamp>,
    /// What the owning room stored.
    pub body: Vec<u8>,
}

impl Record {
    /// Whether the record exists at this moment.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.expires_at, now)
    }
}

/// The rule of expiry, for adapters that check it before they have a whole [`Record`].
#[must_use]
pub fn is_live(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_none_or(|end| end > now)
}

/// The random id of a commit, which is at once the version of every record the commit wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version([u8; 16]);

impl Version {
    /// Draws a new one.
    pub fn draw(random: &dyn Random) -> Self {
        Self(draw(random))
    }

    /// From what an adapter stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// For an adapter to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Lower-case hex, for stores that keep text.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The reverse of [`Version::to_hex`]; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// Which records of a partition to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Only keys that begin with this.
    pub prefix: Option<Name>,
    /// Only keys after this one.
    pub after: Option<Name>,
    /// At most this many records; zero is read as one.
    pub limit: u16,
}

impl Range {
    /// The first `limit` records whose keys begin with `prefix`.
    #[must_use]
    pub const fn prefix(prefix: Name, limit: u16) -> Self {
        Self { prefix: Some(prefix), after: None, limit }
    }

    /// The first `limit` records of the partition.
    #[must_use]
    pub const fn all(limit: u16) -> Self {
        Self { prefix: None, after: None, limit }
    }
}

/// A part of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Live records, ascending.
    pub records: Vec<Record>,
    /// Where to go on: the next range's `after`. `None` when the listing is complete.
    pub next: Option<Name>,
}

/// What one call of [`Records::purge`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// How many records were deleted.
    pub deleted: usize,
    /// Whether expired records may be left for another call.
    pub more: bool,
}

/// Reads a listing to its end. Only for partitions whose size is bounded by their nature.
pub async fn list_all(
    records: &dyn Records,
    partition: &Partition,
    prefix: Option<Name>,
    now: Timestamp,
) -> Result<Vec<Record>, Outage> {
    list_range(records, partition, Range { prefix, after: None, limit: 500 }, now).await
}

/// Reads a range to its end, in pages of its limit.
pub(crate) async fn list_range(
    records: &dyn Records,
    partition: &Partition,
    mut range: Range,
    now: Timestamp,
) -> Result<Vec<Record>, Outage> {
    let mut found = Vec::new();
    loop {
        let page = records.list(partition, &range, now).await?;
        found.extend(page.records);
        match page.next {
            Some(next) => range.after = Some(next),
            None => return Ok(found),
        }
    }
}
