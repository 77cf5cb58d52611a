//! The gateway as its visitors meet it, with embedded parts that a test can take away, and played providers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Memory, Parts};
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::secrets::own::{OwnSecret, ensure};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets};
use gatelet_core::token::SecretCustody;
use gatelet_local::{Database, FileObjects, FileSecrets, SqliteQueue, SqliteRecords};
use tempfile::TempDir;
use url::Url;

use crate::provider::Providers;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

const REGISTRY: &str = include_str!("registry.toml");

/// A gateway in a scratch folder.
pub(crate) struct Stage {
    pub(crate) parts: Arc<Parts>,
    pub(crate) secrets: Arc<FileSecrets>,
    pub(crate) web: Arc<Providers>,
    pub(crate) random: Arc<SeededRandom>,
    folder: Arc<TempDir>,
}

/// Records that answer so many more calls and then none.
pub(crate) struct Breaking {
    records: SqliteRecords,
    calls_left: AtomicUsize,
}

const ALWAYS: usize = usize::MAX / 2;

impl Breaking {
    fn up(&self) -> Result<&SqliteRecords, Outage> {
        let left = |left: usize| left.checked_sub(1);
        match self.calls_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left) {
            Ok(_) => Ok(&self.records),
            Err(_) => Err(Outage::harmless("reach the records", "a played outage")),
        }
    }
}

#[async_trait]
impl Records for Breaking {
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

struct Written;

#[async_trait]
impl RegistrySource for Written {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let document = || Document { text: REGISTRY.into(), tag: "1".into() };
        Ok(known.is_none().then(document))
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let stage = Self::over(folder, Arc::new(Providers::new()));
        ensure(&*stage.secrets, OwnSecret::LoginSealing, &*stage.random).await.unwrap();
        ensure(&*stage.secrets, OwnSecret::RefreshPepper, &*stage.random).await.unwrap();
        let client_secret = SecretBytes::new(b"a client secret".to_vec());
        let name = SecretName::new("provider-example").unwrap();
        stage.secrets.put(&name, &client_secret).await.unwrap();
        stage
    }

    /// Another process over the same store and vault, which remembers nothing.
    pub(crate) fn second_process(&self) -> Self {
        Self::over(Arc::clone(&self.folder), Arc::clone(&self.web))
    }

    fn over(folder: Arc<TempDir>, web: Arc<Providers>) -> Self {
        let at = folder.path().join("data");
        let database = Database::open(&at).unwrap();
        let secrets = Arc::new(FileSecrets::open(&at).unwrap());
        let random = Arc::new(SeededRandom::unseeded());
        let base_url = Url::parse("https://gate.example").unwrap();
        let drawn = Arc::<SeededRandom>::clone(&random);
        let objects = FileObjects::open(database.clone(), base_url.clone(), drawn).unwrap();
        let records = SqliteRecords::new(database.clone());
        let records = Arc::new(Breaking { records, calls_left: AtomicUsize::new(ALWAYS) });
        let clock = Arc::new(ManualClock::at(NOW));
        let custody = Arc::new(SecretCustody::new(
            Arc::<FileSecrets>::clone(&secrets),
            Arc::<SeededRandom>::clone(&random),
        ));
        let parts = Parts {
            records,
            secrets: Arc::<FileSecrets>::clone(&secrets),
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::new(SqliteQueue::new(database)),
            objects: Arc::new(objects),
            web: Arc::<Providers>::clone(&web),
            registry: LiveRegistry::new(Arc::new(Written), base_url.clone()),
            clock,
            random: Arc::<SeededRandom>::clone(&random),
            base_url,
            memory: Memory::default(),
        };
        Self { parts: Arc::new(parts), secrets, web, random, folder }
    }
}
