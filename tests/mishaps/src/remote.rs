//! A real store beside played time, shared by many tellings of one story.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread;

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::random::Random;
use gatelet_core::records::{
    BadCommit, Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Version,
    Write,
};
use tokio::runtime::{Builder, Runtime};

/// Each call is made in real time while the played one stands still, and in partitions of its own.
pub struct Remote {
    records: Arc<dyn Records>,
    story: String,
}

/// Draws what was drawn before.
struct Again(Version);

impl Random for Again {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(self.0.as_bytes());
    }
}

impl Remote {
    /// A store in which the story of this folder has the partitions that begin with the folder's name.
    #[must_use]
    pub fn new(records: Arc<dyn Records>, folder: &Path) -> Self {
        Self { records, story: folder.file_name().unwrap().to_str().unwrap().to_owned() }
    }

    /// The time that this takes does not pass for whoever waits.
    pub fn wait<T: Send>(call: impl Future<Output = T> + Send) -> T {
        static REAL: OnceLock<Runtime> = OnceLock::new();
        let real = REAL.get_or_init(|| {
            Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
        });
        thread::scope(|scope| scope.spawn(|| real.block_on(call)).join().unwrap())
    }

    fn at(&self, partition: &Partition) -> Partition {
        Partition::new(partition.table(), format!("{}.{}", self.story, partition.name())).unwrap()
    }

    /// The same commit, to be known by the same version, in this story's partition.
    fn of(&self, commit: &Commit) -> Result<Commit, BadCommit> {
        let ours = Commit::new(self.at(commit.partition()), &Again(commit.version()));
        commit.writes().iter().cloned().try_fold(ours, |ours, write| match write {
            Write::Put { key, condition, body, expires_at } => {
                ours.put(key, condition, body, expires_at)
            }
            Write::Delete { key, version } => ours.delete(key, version),
            Write::Expect { key, version } => ours.expect(key, version),
        })
    }
}

#[async_trait]
impl Records for Remote {
    async fn get(
        &self,
        at: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        Self::wait(self.records.get(&self.at(at), key, now))
    }

    async fn list(&self, at: &Partition, range: &Range, now: Timestamp) -> Result<Page, Outage> {
        Self::wait(self.records.list(&self.at(at), range, now))
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        Self::wait(self.records.commit(&self.of(commit).unwrap(), now))
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        Self::wait(self.records.purge(before, budget))
    }
}
