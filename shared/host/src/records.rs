//! Records divided by table: `identity` in Redis where a deployment wants that, the others always durable.

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Table,
};

/// The table `identity` in one store, everything else in another.
pub(crate) struct Divided<I, R> {
    pub(crate) identity: I,
    pub(crate) rest: R,
}

impl<I: Records, R: Records> Divided<I, R> {
    fn of(&self, partition: &Partition) -> &dyn Records {
        match partition.table() {
            Table::Identity => &self.identity,
            Table::Runs | Table::Audit => &self.rest,
        }
    }
}

#[async_trait]
impl<I: Records, R: Records> Records for Divided<I, R> {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.of(partition).get(partition, key, now).await
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        self.of(partition).list(partition, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        self.of(commit.partition()).commit(commit, now).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let first = self.identity.purge(before, budget).await?;
        let left = budget.saturating_sub(first.deleted);
        let second = self.rest.purge(before, left).await?;
        Ok(Purged {
            deleted: first.deleted.saturating_add(second.deleted),
            more: first.more || second.more,
        })
    }
}
