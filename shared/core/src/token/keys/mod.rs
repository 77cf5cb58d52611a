//! The `keys` space: the public halves that our own verifiers and the published key set read.
//!
//! A key is first published and not used (*next*), then signs (*current*), then only verifies (*retiring*), and is
//! gone at last. Each step is one commit that holds the ring's head to the version it was read at, so that of
//! several callers one takes the step and the others find it taken. Stopping between two steps is harmless: a
//! longer time in a state does no harm, and the next call goes on.

mod life;
mod stored;

pub use self::life::{KEPT_AFTER_USE, PUBLISHED_BEFORE_USE, ROTATED_AFTER, Retirement};
use self::stored::{Head, partition, read_head, read_key};
use super::{KeyHandle, KeyId, KeyMaker, RsaPublicKey, Signer};
use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::random::Random;
use crate::records::{Commit, Condition, Name, Outcome, Records, StoreError, list_all, settle};

/// The keys of this deployment. A public half is stored after its private half, so an interrupted making
/// leaves at most a private key that nobody knows of.
pub struct KeyRing<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// One key of the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingKey {
    /// Its published name.
    pub id: KeyId,
    /// Its public half.
    pub public: RsaPublicKey,
    /// What its custody calls it.
    pub handle: KeyHandle,
    /// What it is used for.
    pub state: KeyState,
    /// Since when it has been in this state.
    pub since: Timestamp,
}

/// What a key of the ring is used for. All of them are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// For nothing yet: it waits until everybody can know it.
    Next,
    /// For signing. There is one.
    Current,
    /// For verifying what it signed before.
    Retiring,
}

impl<'a> KeyRing<'a> {
    /// The ring in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Every published key, in the order of their ids.
    pub async fn published(&self, now: Timestamp) -> Result<Vec<RingKey>, StoreError> {
        let found = list_all(self.records, &partition()?, None, now).await?;
        let keys = found.iter().filter(|record| record.key.as_str() != stored::HEAD);
        keys.map(|record| Ok(read_key(record)?.0)).collect()
    }

    /// The key to sign with, once there is one.
    pub async fn current(&self, now: Timestamp) -> Result<Option<RingKey>, StoreError> {
        match self.head(now).await? {
            Some(head) => self.key(&head.current, now).await,
            None => Ok(None),
        }
    }

    /// Makes the first key unless there is one. Of several callers at once, one key wins. It is used at once,
    /// because nobody can have kept a set without it: an empty set is never published.
    pub async fn ensure(
        &self,
        maker: &dyn KeyMaker,
        signer: &dyn Signer,
        now: Timestamp,
    ) -> Result<RingKey, StoreError> {
        if let Some(current) = self.current(now).await? {
            return Ok(current);
        }
        let key = make(maker, signer, KeyState::Current, now).await?;
        let head = stored::head(key.id.as_str(), None)?;
        let commit = Commit::new(partition()?, self.random)
            .put(Name::new(stored::HEAD)?, Condition::Absent, head, None)?
            .put(Name::new(key.id.as_str())?, Condition::Absent, stored::key(&key)?, None)?;
        match settle(self.records, &commit, now).await? {
            Outcome::Committed => Ok(key),
            Outcome::Conflict => {
                self.current(now).await?.ok_or(StoreError::Contended { what: "the first key" })
            }
        }
    }

    async fn head(&self, now: Timestamp) -> Result<Option<Head>, StoreError> {
        let found = self.records.get(&partition()?, &Name::new(stored::HEAD)?, now).await?;
        found.as_ref().map(read_head).transpose()
    }

    async fn key(&self, id: &str, now: Timestamp) -> Result<Option<RingKey>, StoreError> {
        let found = self.records.get(&partition()?, &Name::new(id)?, now).await?;
        found.as_ref().map(|record| Ok(read_key(record)?.0)).transpose()
    }
}

/// Makes a key in its custody. It is in no ring yet.
async fn make(
    maker: &dyn KeyMaker,
    signer: &dyn Signer,
    state: KeyState,
    now: Timestamp,
) -> Result<RingKey, StoreError> {
    let handle = maker.make_key().await?;
    let public = signer.public_key(&handle).await?.ok_or_else(|| {
        Outage::harmless("read a new key's public half", "its custody has lost it")
    })?;
    Ok(RingKey { id: public.thumbprint(), public, handle, state, since: now })
}
