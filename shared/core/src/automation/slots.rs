//! The `slot` space: how many runs of one automation a tenant has in hand at a time.

use serde::{Deserialize, Serialize};

use super::RunId;
use crate::clock::Timestamp;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Table, decode, encode, settle,
};
use crate::tenant::TenantId;

/// How often a change is tried again when another one wins.
const TRIES: usize = 16;

/// Keeps the slots of one tenant.
pub struct Slots<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
    tenant: TenantId,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    v: u8,
    taken: Vec<Taken>,
}

#[derive(Serialize, Deserialize)]
struct Taken {
    run: String,
    until_ms: u64,
}

impl<'a> Slots<'a> {
    /// The slots of this tenant.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random, tenant: TenantId) -> Self {
        Self { records, random, tenant }
    }

    /// Takes one of `limit` slots until a moment, when it falls free by itself. A run that has one keeps it
    /// and moves its end. False when all are taken.
    pub async fn take(
        &self,
        automation: &str,
        (run, until): (&RunId, Timestamp),
        limit: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(automation, now, |taken| {
            taken.retain(|slot| slot.until_ms > now.millis() && slot.run != run.as_str());
            let free = taken.len() < limit;
            if free {
                taken.push(Taken { run: run.as_str().into(), until_ms: until.millis() });
            }
            free
        })
        .await
    }

    /// Gives a slot back. Giving back what one does not have is fine.
    pub async fn give_back(
        &self,
        automation: &str,
        run: &RunId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(automation, now, |taken| {
            let before = taken.len();
            taken.retain(|slot| slot.run != run.as_str());
            taken.len() < before
        })
        .await?;
        Ok(())
    }

    /// Applies a change and stores it if the change says so.
    async fn change(
        &self,
        automation: &str,
        now: Timestamp,
        change: impl Fn(&mut Vec<Taken>) -> bool + Send + Sync,
    ) -> Result<bool, StoreError> {
        let partition = Partition::new(Table::Runs, format!("slot:{}", self.tenant))?;
        let key = Name::new(automation)?;
        for _ in 0..TRIES {
            let found = self.records.get(&partition, &key, now).await?;
            let mut stored: Stored =
                found.as_ref().map_or_else(|| Ok(Stored::default()), |r| decode("slots", r))?;
            stored.v = 1;
            if !change(&mut stored.taken) {
                return Ok(false);
            }
            let condition =
                found.map_or(Condition::Absent, |record| Condition::Version(record.version));
            let commit = Commit::new(partition.clone(), self.random).put(
                key.clone(),
                condition,
                encode("slots", &stored)?,
                None,
            )?;
            if settle(self.records, &commit, now).await? == Outcome::Committed {
                return Ok(true);
            }
        }
        Err(StoreError::Contended { what: "a slot" })
    }
}
