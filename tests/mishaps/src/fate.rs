//! What befalls a process, and at which of the points at which it touches the world.

use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Write,
};
use serde_json::Value;
use tokio::sync::Notify;

use crate::inbox::Inbox;

/// What befalls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing.
    None,
    /// It is gone from one moment to the next.
    Die,
    /// It stands still, and goes on when it is woken. Only where it speaks to the store.
    Freeze,
    /// It is told by the store that nobody knows whether its commit arrived.
    LoseAnswer,
    /// Its script is gone, as if it had used up the memory. Only where the script acts.
    LoseScript,
}

/// Whether what it was about to do has happened by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It has not.
    Before,
    /// It has.
    After,
}

/// The fate of one process.
pub struct Fate {
    way: Way,
    at: usize,
    when: When,
    points: Mutex<Vec<String>>,
    struck: Notify,
    thawed: Notify,
}

impl Fate {
    /// What befalls a process at its point of this number.
    #[must_use]
    pub fn of(way: Way, at: usize, when: When) -> Arc<Self> {
        let (points, struck, thawed) = (Mutex::default(), Notify::new(), Notify::new());
        Arc::new(Self { way, at, when, points, struck, thawed })
    }

    /// Nothing befalls it.
    #[must_use]
    pub fn none() -> Arc<Self> {
        Self::of(Way::None, usize::MAX, When::Before)
    }

    /// What was done at each point so far.
    pub fn points(&self) -> Vec<String> {
        self.points.lock().unwrap().clone()
    }

    /// Waits until it has happened.
    pub async fn has_struck(&self) {
        self.struck.notified().await;
    }

    /// Wakes the process up.
    pub fn thaw(&self) {
        self.thawed.notify_one();
    }

    /// Notes a point and tells whether it is the one.
    fn is_here(&self, name: String) -> bool {
        let mut points = self.points.lock().unwrap();
        points.push(name);
        points.len() - 1 == self.at
    }

    /// A point: something is about to be done in the world.
    pub(crate) async fn meet<T>(&self, name: &str, act: impl Future<Output = T>) -> T {
        if !self.is_here(name.into()) || self.way != Way::Die {
            return act.await;
        }
        if self.when == When::After {
            act.await;
        }
        self.strike().await
    }

    /// A point at which a script acts. `None` when the script is no more.
    pub(crate) async fn act(&self, name: &str, act: impl FnOnce()) -> Option<()> {
        let is_lost = self.way == Way::LoseScript && self.points().len() == self.at;
        if is_lost {
            self.is_here(name.into());
            if self.when == When::After {
                act();
            }
            return None;
        }
        self.meet(name, async { act() }).await;
        Some(())
    }

    async fn strike<T>(&self) -> T {
        self.struck.notify_one();
        pending().await
    }

    /// A point at which the store is spoken to.
    async fn commit(
        &self,
        name: String,
        act: impl Future<Output = Result<Outcome, Outage>> + Send,
    ) -> Result<Outcome, Outage> {
        if !self.is_here(name) || matches!(self.way, Way::None | Way::LoseScript) {
            return act.await;
        }
        let done = if self.when == When::After { Err(act.await) } else { Ok(act) };
        match self.way {
            Way::Die => return self.strike().await,
            Way::LoseAnswer => return Err(Outage::uncertain("commit", "the answer was lost")),
            _ => {}
        }
        self.struck.notify_one();
        self.thawed.notified().await;
        match done {
            Ok(act) => act.await,
            Err(outcome) => outcome,
        }
    }
}

/// What a commit is about: the action that its audit entry tells, else the kind of its partition.
fn name_of(commit: &Commit) -> String {
    let action = commit.writes().iter().find_map(|write| match write {
        Write::Put { key, body, .. } if key.as_str().starts_with("audit:") => {
            let entry: Value = serde_json::from_slice(body).unwrap();
            Some(entry.get("action")?.as_str()?.to_owned())
        }
        _ => None,
    });
    let of_partition = || commit.partition().name().as_str().split(':').next().unwrap().to_owned();
    format!("commit {}", action.unwrap_or_else(of_partition))
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
        self.fate.commit(name_of(commit), self.records.commit(commit, now)).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        self.records.purge(before, budget).await
    }
}

#[async_trait]
impl Queue for Fated {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        self.fate.meet("send", self.inbox.send(message)).await
    }
}
