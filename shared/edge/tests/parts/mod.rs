//! Parts for tests of the front: embedded records that can fail on demand, and a clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::automation::Queue;
use gatelet_core::clock::{Clock, Timestamp};
use gatelet_core::objects::Objects;
use gatelet_core::outage::Outage;
use gatelet_core::parts::Parts;
use gatelet_core::random::Random;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};
use gatelet_core::secrets::Secrets;
use gatelet_core::token::{KeyMaker, SecretCustody, Signer};
use gatelet_local::{Database, FileObjects, FileSecrets, SqliteQueue, SqliteRecords};
use tempfile::TempDir;
use url::Url;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

/// Everything embedded in a scratch folder.
pub(crate) struct TestParts {
    pub(crate) records: Failing,
    pub(crate) clock: ManualClock,
    pub(crate) random: SeededRandom,
    secrets: Arc<FileSecrets>,
    custody: SecretCustody,
    queue: SqliteQueue,
    objects: FileObjects,
    base_url: Url,
    _folder: TempDir,
}

/// Records that answer nothing but an outage once they are told to.
pub(crate) struct Failing(SqliteRecords, AtomicBool);

impl Failing {
    pub(crate) fn fail(&self) {
        self.1.store(true, Ordering::SeqCst);
    }

    fn up(&self) -> Result<&SqliteRecords, Outage> {
        let down = self.1.load(Ordering::SeqCst);
        if down { Err(Outage::harmless("read", "a played outage")) } else { Ok(&self.0) }
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
        self.up()?.commit(commit, now).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        self.up()?.purge(before, budget).await
    }
}

impl TestParts {
    pub(crate) fn new() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("data");
        let database = Database::open(&at).unwrap();
        let secrets = Arc::new(FileSecrets::open(&at).unwrap());
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(2));
        let base_url = Url::parse("https://gate.example").unwrap();
        let objects =
            FileObjects::open(database.clone(), base_url.clone(), Arc::clone(&random)).unwrap();
        Arc::new(Self {
            records: Failing(SqliteRecords::new(database.clone()), AtomicBool::new(false)),
            clock: ManualClock::at(NOW),
            random: SeededRandom::new(1),
            custody: SecretCustody::new(Arc::<FileSecrets>::clone(&secrets), random),
            secrets,
            queue: SqliteQueue::new(database),
            objects,
            base_url,
            _folder: folder,
        })
    }
}

impl Parts for TestParts {
    fn records(&self) -> &dyn Records {
        &self.records
    }

    fn secrets(&self) -> &dyn Secrets {
        &*self.secrets
    }

    fn signer(&self) -> &dyn Signer {
        &self.custody
    }

    fn key_maker(&self) -> &dyn KeyMaker {
        &self.custody
    }

    fn queue(&self) -> &dyn Queue {
        &self.queue
    }

    fn objects(&self) -> &dyn Objects {
        &self.objects
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    fn random(&self) -> &dyn Random {
        &self.random
    }

    fn base_url(&self) -> &Url {
        &self.base_url
    }
}
