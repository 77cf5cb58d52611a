//! What befalls a process, and at which of the points at which it touches the world.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};
use tokio::sync::Notify;

use crate::inbox::Inbox;

/// What befalls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing.
    None,
    /// It is gone from one moment to the next.
    Die,
    /// It stands still, and goes on when it is woken. Only where it speaks to the store.
    Freeze,
    /// It is told by the store that nobody knows whether its commit arrived.
    LoseAnswer,
}

/// Whether what it was about to do has happened by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// The fate of one process.
pub(crate) struct Fate {
    way: Way,
    at: usize,
    when: When,
    points: AtomicUsize,
    struck: Notify,
    thawed: Notify,
}

impl Fate {
    pub(crate) fn of(way: Way, at: usize, when: When) -> Self {
        let (points, struck, thawed) = (AtomicUsize::new(0), Notify::new(), Notify::new());
        Self { way, at, when, points, struck, thawed }
    }

    /// How many points there were.
    pub(crate) fn points(&self) -> usize {
        self.points.load(Ordering::SeqCst)
    }

    pub(crate) async fn has_struck(&self) {
        self.struck.notified().await;
    }

    pub(crate) fn thaw(&self) {
        self.thawed.notify_one();
    }

    /// A point: something is about to be done in the world.
    pub(crate) async fn meet<T>(&self, act: impl Future<Output = T>) -> T {
        let is_here = self.points.fetch_add(1, Ordering::SeqCst) == self.at;
        if !is_here || self.way != Way::Die {
            return act.await;
        }
        if self.when == When::After {
            act.await;
        }
        self.struck.notify_one();
        pending().await
    }

    /// A point at which the store is spoken to.
    async fn commit(
        &self,
        act: impl Future<Output = Result<Outcome, Outage>> + Send,
    ) -> Result<Outcome, Outage> {
        if self.points() != self.at || matches!(self.way, Way::None | Way::Die) {
            return self.meet(act).await;
        }
        self.points.fetch_add(1, Ordering::SeqCst);
        let done = if self.when == When::After { Err(act.await) } else { Ok(act) };
        if self.way == Way::LoseAnswer {
            return Err(Outage::uncertain("commit", "the answer was lost"));
        }
        self.struck.notify_one();
        self.thawed.notified().await;
        match done {
            Ok(act) => act.await,
            Err(outcome) => outcome,
        }
    }
}

/// A store as one process sees it.
pub(crate) struct Fated {
    pub(crate) records: Arc<dyn Records>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) fate: Arc<Fate>,
}

#[async_trait]
impl Records for Fated {
    async fn get(
        &self,
        at: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.records.get(at, key, now).await
    }

    async fn list(&self, at: &Partition, range: &Range, now: Timestamp) -> Result<Page, Outage> {
        self.records.list(at, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        self.fate.commit(self.records.commit(commit, now)).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        self.records.purge(before, budget).await
    }
}

#[async_trait]
impl Queue for Fated {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        self.fate.meet(self.inbox.send(message)).await
    }
}
