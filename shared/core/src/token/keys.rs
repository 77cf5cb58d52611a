//! The `keys` space: the public halves that our own verifiers and the published key set read.

use serde::{Deserialize, Serialize};

use super::{KeyHandle, KeyId, KeyMaker, RsaPublicKey, Signer};
use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Record, Records, StoreError, Table, decode,
    encode, list_all, settle,
};

/// The record that names the key to sign with. No `kid` is this short.
const CURRENT: &str = "current";

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
    /// When it joined the ring.
    pub since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    v: u8,
    n: String,
    e: String,
    handle: String,
    since_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredCurrent {
    v: u8,
    kid: String,
}

impl<'a> KeyRing<'a> {
    /// The ring in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Every published key, in the order of their ids.
    pub async fn published(&self, now: Timestamp) -> Result<Vec<RingKey>, StoreError> {
        let found = list_all(self.records, &partition()?, None, now).await?;
        found.iter().filter(|record| record.key.as_str() != CURRENT).map(read_key).collect()
    }

    /// The key to sign with, once there is one.
    pub async fn current(&self, now: Timestamp) -> Result<Option<RingKey>, StoreError> {
        let partition = partition()?;
        let pointer = self.records.get(&partition, &Name::new(CURRENT)?, now).await?;
        let Some(pointer) = pointer else { return Ok(None) };
        let StoredCurrent { kid, .. } = decode("current key", &pointer)?;
        let found = self.records.get(&partition, &Name::new(kid)?, now).await?;
        found.as_ref().map(read_key).transpose()
    }

    /// Makes the first key unless there is one. Of several callers at once, one key wins.
    pub async fn ensure(
        &self,
        maker: &dyn KeyMaker,
        signer: &dyn Signer,
        now: Timestamp,
    ) -> Result<RingKey, StoreError> {
        if let Some(current) = self.current(now).await? {
            return Ok(current);
        }
        let handle = maker.make_key().await?;
        let public = signer.public_key(&handle).await?.ok_or_else(|| {
            Outage::harmless("read a new key's public half", "its custody has lost it")
        })?;
        let key = RingKey { id: public.thumbprint(), public, handle, since: now };
        let commit = Commit::new(partition()?, self.random)
            .put(Name::new(CURRENT)?, Condition::Absent, key.stored_pointer()?, None)?
            .put(Name::new(key.id.as_str())?, Condition::Absent, key.stored()?, None)?;
        match settle(self.records, &commit, now).await? {
            Outcome::Committed => Ok(key),
            Outcome::Conflict => {
                self.current(now).await?.ok_or(StoreError::Contended { what: "the first key" })
            }
        }
    }
}

impl RingKey {
    fn stored(&self) -> Result<Vec<u8>, StoreError> {
        let stored = StoredKey {
            v: 1,
            n: self.public.n(),
            e: self.public.e(),
            handle: self.handle.as_str().into(),
            since_ms: self.since.millis(),
        };
        encode("key", &stored)
    }

    fn stored_pointer(&self) -> Result<Vec<u8>, StoreError> {
        encode("current key", &StoredCurrent { v: 1, kid: self.id.as_str().into() })
    }
}

fn partition() -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Identity, "keys")?)
}

fn read_key(record: &Record) -> Result<RingKey, StoreError> {
    let stored: StoredKey = decode("key", record)?;
    let public = RsaPublicKey::from_jwk(&stored.n, &stored.e)
        .ok_or_else(|| StoreError::unreadable("key", "its numbers are not base64url"))?;
    let id = public.thumbprint();
    if id.as_str() != record.key.as_str() {
        return Err(StoreError::unreadable("key", "it does not have the id it is stored under"));
    }
    let handle = KeyHandle::new(stored.handle);
    Ok(RingKey { id, public, handle, since: Timestamp::from_millis(stored.since_ms) })
}
