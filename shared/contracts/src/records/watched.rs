//! Records that are watched: they count what is asked of them, and can be away for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};

/// Passes everything on, unless it is away. Each call lets other tasks go first, so that races happen.
pub struct Watched {
    records: Arc<dyn Records>,
    calls: AtomicUsize,
    changes: AtomicUsize,
    away: AtomicBool,
}

impl Watched {
    /// Watches these records.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            calls: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
            away: AtomicBool::new(false),
        }
    }

    /// How many calls there were, answered or not.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many commits changed something.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes.load(Ordering::SeqCst)
    }

    /// Takes the records away, or brings them back.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    async fn pass(&self) -> Result<&dyn Records, Outage> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut yielded = false;
        futures::future::poll_fn(|context| {
            if std::mem::replace(&mut yielded, true) {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        if self.away.load(Ordering::SeqCst) {
            return Err(Outage::harmless("reach the records", "a played outage"));
        }
        Ok(&*self.records)
    }
}

#[async_trait]
impl Records for Watched {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.pass().await?.get(partition, key, now).await
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        self.pass().await?.list(partition, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        let outcome = self.pass().await?.commit(commit, now).await?;
        if outcome == Outcome::Committed {
            self.changes.fetch_add(1, Ordering::SeqCst);
        }
        Ok(outcome)
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        self.pass().await?.purge(before, budget).await
    }
}
