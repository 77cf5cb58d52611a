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

/// The most runs that are noted as waiting for a slot. The sweep finds those that are not.
const MAX_WAITING: usize = 64;

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    v: u8,
    taken: Vec<Taken>,
    /// Runs that found no slot, the first to come first.
    #[serde(default)]
    waiting: Vec<String>,
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
        self.change(automation, now, |stored| {
            stored.taken.retain(|slot| slot.until_ms > now.millis() && slot.run != run.as_str());
            let free = stored.taken.len() < limit;
            if free {
                stored.waiting.retain(|waiting| waiting != run.as_str());
                stored.taken.push(Taken { run: run.as_str().into(), until_ms: until.millis() });
            }
            (free, free)
        })
        .await
    }

    /// Gives a slot back, and names the run that has waited longest for it: it is to be sent. Giving back what
    /// one does not have is fine.
    pub async fn give_back(
        &self,
        automation: &str,
        run: &RunId,
        now: Timestamp,
    ) -> Result<Option<RunId>, StoreError> {
        self.change(automation, now, |stored| {
            let before = stored.taken.len();
            stored.taken.retain(|slot| slot.run != run.as_str());
            let was_there = stored.taken.len() < before;
            let next = (was_there && !stored.waiting.is_empty()).then(|| stored.waiting.remove(0));
            (next.and_then(|id| RunId::new(id).ok()), was_there)
        })
        .await
    }

    /// Notes that a run waits for a slot, so that whoever gives one back knows whom to send.
    pub async fn wait(
        &self,
        automation: &str,
        run: &RunId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(automation, now, |stored| {
            let is_there = stored.waiting.iter().any(|waiting| waiting == run.as_str());
            let noted = !is_there && stored.waiting.len() < MAX_WAITING;
            if noted {
                stored.waiting.push(run.as_str().into());
            }
            ((), noted)
        })
        .await
    }

    /// Who has a slot.
    pub async fn holders(
        &self,
        automation: &str,
        now: Timestamp,
    ) -> Result<Vec<RunId>, StoreError> {
        let (place, key) = self.place(automation)?;
        let Some(record) = self.records.get(&place, &key, now).await? else {
            return Ok(Vec::new());
        };
        let stored: Stored = decode("slots", &record)?;
        let live = stored.taken.into_iter().filter(|slot| slot.until_ms > now.millis());
        Ok(live.filter_map(|slot| RunId::new(slot.run).ok()).collect())
    }

    fn place(&self, automation: &str) -> Result<(Partition, Name), StoreError> {
        let partition = Partition::new(Table::Runs, format!("slot:{}", self.tenant))?;
        Ok((partition, Name::new(automation)?))
    }

    /// Applies a change, and stores it if the change says so beside its answer.
    async fn change<T>(
        &self,
        automation: &str,
        now: Timestamp,
        change: impl Fn(&mut Stored) -> (T, bool) + Send + Sync,
    ) -> Result<T, StoreError> {
        let (partition, key) = self.place(automation)?;
        for _ in 0..TRIES {
            let found = self.records.get(&partition, &key, now).await?;
            let mut stored: Stored =
                found.as_ref().map_or_else(|| Ok(Stored::default()), |r| decode("slots", r))?;
            stored.v = 1;
            let (answer, is_changed) = change(&mut stored);
            if !is_changed {
                return Ok(answer);
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
                return Ok(answer);
            }
        }
        Err(StoreError::Contended { what: "a slot" })
    }
}
