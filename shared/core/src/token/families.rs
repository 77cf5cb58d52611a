//! The `family` space: the refresh tokens that descend from one sign-in.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::{hex_digest_of, spread};
use crate::random::{Random, draw};
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Version, decode, encode,
    settle,
};
use crate::tenant::TenantId;

/// Keeps refresh families. A record holds nothing from which a token could be made.
pub struct Families<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// A family's id: 128 random bits in hex, part of each of its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyId(String);

/// What is known about a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Whose.
    pub tenant: TenantId,
    /// To which client its tokens were issued.
    pub client: String,
    /// How often it was rotated. Only the token of this generation is good.
    pub generation: u32,
    /// When it ends, however often it is rotated.
    pub ends_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    tenant: String,
    client: String,
    generation: u32,
    ends_ms: u64,
}

impl FamilyId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> Families<'a> {
    /// The families in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Starts a family.
    pub async fn begin(&self, family: &Family, now: Timestamp) -> Result<FamilyId, StoreError> {
        let id = FamilyId(hex::encode(draw::<16>(self.random)));
        match self.store(&id, family, Condition::Absent, now).await? {
            Outcome::Committed => Ok(id),
            Outcome::Conflict => Err(StoreError::Contended { what: "a new family's id" }),
        }
    }

    /// The live family of this id, with the version that a change must name.
    pub async fn find(
        &self,
        id: &FamilyId,
        now: Timestamp,
    ) -> Result<Option<(Family, Version)>, StoreError> {
        let Some(record) = self.records.get(&partition(id)?, &Name::new(id.as_str())?, now).await?
        else {
            return Ok(None);
        };
        let stored: Stored = decode("family", &record)?;
        let family = Family {
            tenant: TenantId::new(stored.tenant)
                .map_err(|error| StoreError::unreadable("family", error))?,
            client: stored.client,
            generation: stored.generation,
            ends_at: Timestamp::from_millis(stored.ends_ms),
        };
        Ok(Some((family, record.version)))
    }

    /// Moves a family to its next generation. A conflict means that somebody else did, or ended it.
    pub async fn advance(
        &self,
        id: &FamilyId,
        family: &Family,
        version: Version,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let next = Family { generation: family.generation.saturating_add(1), ..family.clone() };
        self.store(id, &next, Condition::Version(version), now).await
    }

    /// Ends a family. Ending twice is fine.
    pub async fn end(&self, id: &FamilyId, now: Timestamp) -> Result<(), StoreError> {
        let commit =
            Commit::new(partition(id)?, self.random).delete(Name::new(id.as_str())?, None)?;
        // A delete without a condition may be repeated by the caller, and cannot conflict.
        let _: Outcome = self.records.commit(&commit, now).await?;
        Ok(())
    }

    async fn store(
        &self,
        id: &FamilyId,
        family: &Family,
        condition: Condition,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let stored = Stored {
            v: 1,
            tenant: family.tenant.as_str().into(),
            client: family.client.clone(),
            generation: family.generation,
            ends_ms: family.ends_at.millis(),
        };
        let body = encode("family", &stored)?;
        let commit = Commit::new(partition(id)?, self.random).put(
            Name::new(id.as_str())?,
            condition,
            body,
            Some(family.ends_at),
        )?;
        Ok(settle(self.records, &commit, now).await?)
    }
}

fn partition(id: &FamilyId) -> Result<Partition, StoreError> {
    Ok(spread("family", &hex_digest_of(&["family", id.as_str()]))?)
}
