//! The `trail` space: entries that belong to no run, one append each.

use super::Entry;
use crate::clock::Timestamp;
use crate::digest::hex_digest_of;
use crate::outage::Effect;
use crate::random::{Random, time_ordered_id, time_prefix};
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Record, Records, StoreError, Table, list_all,
};
use crate::tenant::TenantId;

/// Appends to the trail. Until a seal covers an entry, only write access protects it.
pub struct Trail<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

impl<'a> Trail<'a> {
    /// The trail in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Appends an entry.
    pub async fn append(&self, entry: &Entry, now: Timestamp) -> Result<(), StoreError> {
        match self.put(entry, time_ordered_id(now, self.random), now).await? {
            Outcome::Committed => Ok(()),
            Outcome::Conflict => Err(StoreError::Contended { what: "a trail entry's id" }),
        }
    }

    /// Appends an entry unless the same of the same actor stands there for this hour already: for what somebody may
    /// repeat as often as they like.
    pub async fn append_hourly(&self, entry: &Entry, now: Timestamp) -> Result<(), StoreError> {
        let hour = Timestamp::from_secs(now.secs() / 3600 * 3600);
        let Entry { action, resource, outcome, .. } = entry;
        let (kind, id) = entry.actor.name();
        let digest = hex_digest_of(&["hourly", kind, id, action, resource, outcome]);
        let name = format!("{}{}", time_prefix(hour), digest.get(..20).unwrap_or(&digest));
        let _: Outcome = self.put(entry, name, now).await?;
        Ok(())
    }

    async fn put(
        &self,
        entry: &Entry,
        name: String,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let bytes = serde_json::Value::Object(entry.members(now)).to_string().into_bytes();
        let commit = Commit::new(partition(&entry.tenant, now)?, self.random).put(
            Name::new(name)?,
            Condition::Absent,
            bytes,
            None,
        )?;
        match self.records.commit(&commit, now).await {
            Ok(outcome) => Ok(outcome),
            // Sent again under the same id: a conflict then is the first one's arrival. Asking for the
            // entry would need a right to read, which whoever appends need not have.
            Err(lost) if lost.effect == Effect::Unknown => {
                let _: Outcome = self.records.commit(&commit, now).await?;
                Ok(Outcome::Committed)
            }
            Err(outage) => Err(outage.into()),
        }
    }

    /// The stored entries of one tenant in the hour of `at`.
    pub async fn hour(
        &self,
        tenant: &TenantId,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        Ok(list_all(self.records, &partition(tenant, at)?, None, now).await?)
    }
}

pub(super) fn partition(tenant: &TenantId, at: Timestamp) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Audit, format!("trail:{tenant}:{}", at.secs() / 3600))?)
}
