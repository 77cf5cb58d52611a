//! The `cut` space: "everything of this kind begun before T is over", in one write.

use std::fmt;

use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::{Announcement, Feed, GRACE, LONGEST_LIFE};
use crate::clock::Timestamp;
use crate::digest::{digest_of, hex_of, spread};
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, decode, encode, settle,
};
use crate::tenant::TenantId;

/// How often a cut is tried again when others cut the same thing at the same time.
const TRIES: usize = 8;

/// Keeps cuts.
pub struct Cuts<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// What is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// One session, by its public id.
    Session(String),
    /// All sessions that came out of one session at an identity provider.
    ProviderSession {
        /// The provider's name in our registry.
        provider: String,
        /// The provider's `sid`.
        sid: String,
    },
    /// Everything of one person, by the public id that tokens carry as `sub`.
    Person(String),
    /// Everything of one client.
    Client(String),
    /// Everything of one tenant.
    Tenant(TenantId),
}

/// What a [`Cut`] is stored and announced under: the SHA-256 of its kind and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CutDigest([u8; 32]);

impl CutDigest {
    /// Of a session, by its public id.
    #[must_use]
    pub fn of_session(id: &str) -> Self {
        Self(digest_of(&["cut", "session", id]))
    }

    /// Of a person, by their public id.
    #[must_use]
    pub fn of_person(id: &str) -> Self {
        Self(digest_of(&["cut", "person", id]))
    }

    /// Of a client.
    #[must_use]
    pub fn of_client(id: &str) -> Self {
        Self(digest_of(&["cut", "client", id]))
    }

    /// Of a tenant.
    #[must_use]
    pub fn of_tenant(id: &TenantId) -> Self {
        Self(digest_of(&["cut", "tenant", id.as_str()]))
    }

    /// From its 64 digits, as records and tokens carry it.
    #[must_use]
    pub fn of_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok().map(|()| Self(bytes))
    }
}

impl fmt::Display for CutDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex_of(&self.0))
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    until_ms: u64,
}

impl Cut {
    /// The digest under which a cut is stored and announced.
    #[must_use]
    pub fn digest(&self) -> CutDigest {
        match self {
            Self::Session(id) => CutDigest::of_session(id),
            Self::ProviderSession { provider, sid } => {
                CutDigest(digest_of(&["cut", "provider-session", provider, sid]))
            }
            Self::Person(id) => CutDigest::of_person(id),
            Self::Client(id) => CutDigest::of_client(id),
            Self::Tenant(id) => CutDigest::of_tenant(id),
        }
    }
}

impl<'a> Cuts<'a> {
    /// The cuts in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Ends everything begun up to now, and announces it before it returns. A cut only ever moves forward.
    /// Interrupted between its two commits, the cut holds and is announced by the caller's next try.
    pub async fn cut(&self, cut: &Cut, now: Timestamp) -> Result<(), StoreError> {
        self.store(cut.digest(), now).await?;
        Feed::new(self.records, self.random).announce(&Announcement::of(cut, now), now).await
    }

    /// Announces a cut again that covers what was begun at `begun`, for a caller whose first try may have stopped
    /// before it announced. False when there is no such cut. The cut itself stays where it is.
    pub async fn announce_again(
        &self,
        cut: &Cut,
        begun: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let until = self.until(cut.digest(), now).await?.filter(|until| begun <= *until);
        let Some(until) = until else { return Ok(false) };
        let announcement = Announcement::of(cut, until);
        Feed::new(self.records, self.random).announce(&announcement, now).await?;
        Ok(true)
    }

    /// Whether something begun at `begun` is over by any of these cuts.
    pub async fn cover(
        &self,
        cuts: &[Cut],
        begun: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let reads = cuts.iter().map(|cut| self.until(cut.digest(), now));
        let ends = try_join_all(reads).await?;
        Ok(ends.into_iter().flatten().any(|until| begun <= until))
    }

    async fn until(
        &self,
        digest: CutDigest,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (partition, key) = place(digest)?;
        let Some(record) = self.records.get(&partition, &key, now).await? else {
            return Ok(None);
        };
        let stored: Stored = decode("cut", &record)?;
        Ok(Some(Timestamp::from_millis(stored.until_ms)))
    }

    async fn store(&self, digest: CutDigest, now: Timestamp) -> Result<(), StoreError> {
        let (partition, key) = place(digest)?;
        for _ in 0..TRIES {
            let condition = match self.records.get(&partition, &key, now).await? {
                None => Condition::Absent,
                Some(record) => {
                    let stored: Stored = decode("cut", &record)?;
                    if stored.until_ms >= now.millis() {
                        return Ok(());
                    }
                    Condition::Version(record.version)
                }
            };
            let body = encode("cut", &Stored { v: 1, until_ms: now.millis() })?;
            let commit = Commit::new(partition.clone(), self.random).put(
                key.clone(),
                condition,
                body,
                Some(now + LONGEST_LIFE + GRACE),
            )?;
            if settle(self.records, &commit, now).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(StoreError::Contended { what: "a cut" })
    }
}

fn place(digest: CutDigest) -> Result<(Partition, Name), StoreError> {
    let digest = digest.to_string();
    Ok((spread("cut", &digest)?, Name::new(digest)?))
}
