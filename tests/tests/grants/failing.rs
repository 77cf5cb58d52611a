//! Records that break off: after so many calls, or at one commit of which nobody hears how it ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatelet_contracts::records::Last;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};

const FOREVER: usize = usize::MAX / 2;

pub(crate) struct Failing {
    records: Arc<dyn Records>,
    calls_left: AtomicUsize,
    /// One more than the commits that pass before one is lost; zero loses none.
    lost_in: AtomicUsize,
    applied: AtomicUsize,
}

impl Failing {
    pub(crate) fn new(records: Arc<dyn Records>) -> Self {
        let lost_in = AtomicUsize::new(0);
        let applied = AtomicUsize::new(0);
        Self { records, calls_left: AtomicUsize::new(FOREVER), lost_in, applied }
    }

    /// Answers so many more calls and then none.
    pub(crate) fn break_after(&self, calls: usize) {
        self.calls_left.store(calls, Ordering::SeqCst);
    }

    /// Loses the answer of the commit after so many, and answers nothing more after it.
    pub(crate) fn lose_after(&self, commits: usize, last: Last) {
        self.lost_in.store(commits + 1, Ordering::SeqCst);
        self.applied.store(usize::from(last == Last::Applied), Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.break_after(FOREVER);
        self.lost_in.store(0, Ordering::SeqCst);
    }

    fn up(&self) -> Result<&dyn Records, Outage> {
        let take = |left: usize| left.checked_sub(1);
        match self.calls_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) {
            Ok(_) => Ok(&*self.records),
            Err(_) => Err(Outage::harmless("reach the records", "a played outage")),
        }
    }

    fn is_lost(&self) -> bool {
        let take = |left: usize| left.checked_sub(1);
        self.lost_in.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) == Ok(1)
    }
}

#[async_trait]
impl Records for Failing {
    async fn get(
        &self,
        at: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.up()?.get(at, key, now).await
    }

    async fn list(&self, at: &Partition, range: &Range, now: Timestamp) -> Result<Page, Outage> {
        self.up()?.list(at, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        let records = self.up()?;
        if !self.is_lost() {
            return records.commit(commit, now).await;
        }
        if self.applied.load(Ordering::SeqCst) == 1 {
            let _nobody_hears_it = records.commit(commit, now).await?;
        }
        self.break_after(0);
        Err(Outage::uncertain("commit", "a played time-out"))
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        self.up()?.purge(before, budget).await
    }
}
