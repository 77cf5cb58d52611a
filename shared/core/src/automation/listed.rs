//! The `run list` space: which runs a tenant asked for, newest first. It holds only what never changes.

use super::RunId;
use crate::clock::Timestamp;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Range, Records, StoreError, Table, settle,
};
use crate::tenant::TenantId;

/// The largest time that fits into the 48 bits of a key.
const END_OF_TIME: u64 = 0xffff_ffff_ffff;
/// Lists are cut into spans of 30 days, so that no partition grows for ever.
const SPAN_S: u64 = 30 * 24 * 3600;

/// Keeps the lists.
pub struct ListedRuns<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

impl<'a> ListedRuns<'a> {
    /// The lists in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Enters a run. Entering it again with the same time changes nothing that a reader sees.
    pub async fn enter(
        &self,
        tenant: &TenantId,
        id: &RunId,
        requested_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let inverted = END_OF_TIME.saturating_sub(requested_at.millis());
        let key = Name::new(format!("{inverted:012x}:{id}"))?;
        let commit = Commit::new(partition(tenant, requested_at)?, self.random).put(
            key,
            Condition::Anything,
            Vec::new(),
            None,
        )?;
        let _: Outcome = settle(self.records, &commit, now).await?;
        Ok(())
    }

    /// The newest runs of the span of 30 days that `at` lies in. An id may lack a row: its request was
    /// interrupted, and readers skip it.
    pub async fn newest(
        &self,
        tenant: &TenantId,
        at: Timestamp,
        limit: u16,
        now: Timestamp,
    ) -> Result<Vec<RunId>, StoreError> {
        let page = self.records.list(&partition(tenant, at)?, &Range::all(limit), now).await?;
        let id = |key: &Name| {
            let (_, id) = key.as_str().split_once(':').unwrap_or_default();
            RunId::new(id).map_err(|error| StoreError::unreadable("run list entry", error))
        };
        page.records.iter().map(|record| id(&record.key)).collect()
    }
}

fn partition(tenant: &TenantId, at: Timestamp) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Runs, format!("runs:{tenant}:{}", at.secs() / SPAN_S))?)
}
