//! A store that stops after so many commits, as a process does that dies between two of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};

/// What became of the commit at which the store stopped. Its caller cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// It was carried out, and the answer was lost.
    Applied,
    /// It never arrived.
    Lost,
}

/// Lets so many commits pass, answers the next one with an unknown outcome, and turns away all that follow.
/// Reads always pass, so that a test can look at what is left.
pub struct StopAfter {
    records: Arc<dyn Records>,
    commits: usize,
    last: Last,
    seen: AtomicUsize,
}

impl StopAfter {
    /// Stops at the commit after this many.
    pub fn new(records: Arc<dyn Records>, commits: usize, last: Last) -> Self {
        Self { records, commits, last, seen: AtomicUsize::new(0) }
    }

    /// Never stops, and counts.
    pub fn never(records: Arc<dyn Records>) -> Self {
        Self::new(records, usize::MAX, Last::Lost)
    }

    /// How many commits were asked for.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Records for StopAfter {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.records.get(partition, key, now).await
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        self.records.list(partition, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        let before = self.seen.fetch_add(1, Ordering::SeqCst);
        if before < self.commits {
            return self.records.commit(commit, now).await;
        }
        if before > self.commits {
            return Err(Outage::harmless("commit", "the store has stopped"));
        }
        if self.last == Last::Applied {
            let _nobody_hears_it = self.records.commit(commit, now).await?;
        }
        Err(Outage::uncertain("commit", "the store stopped before it answered"))
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        self.records.purge(before, budget).await
    }
}
