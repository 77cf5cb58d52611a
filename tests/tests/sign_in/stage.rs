//! The gateway as its visitors meet it, with embedded parts that a test can take away, and played providers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::audit::Trail;
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::secrets::own::{OwnSecret, ensure};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::SecretCustody;
use gatelet_local::{Database, FileObjects, FileSecrets, SqliteQueue, SqliteRecords};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::provider::Providers;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

const REGISTRY: &str = include_str!("registry.toml");

/// A gateway in a scratch folder.
pub(crate) struct Stage {
    pub(crate) parts: Arc<Parts>,
    pub(crate) records: Arc<Breaking>,
    pub(crate) registry: Arc<Written>,
    pub(crate) clock: Arc<ManualClock>,
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
    /// Goes away after so many more calls.
    pub(crate) fn break_after(&self, calls: usize) {
        self.calls_left.store(calls, Ordering::SeqCst);
    }

    /// Comes back. Says whether it had gone.
    pub(crate) fn mend(&self) -> bool {
        self.calls_left.swap(ALWAYS, Ordering::SeqCst) == 0
    }

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

/// A registry that an operator can write anew. The text is its own tag.
pub(crate) struct Written(Mutex<String>);

impl Written {
    pub(crate) fn write(&self, change: impl FnOnce(&str) -> String) {
        let mut text = self.0.lock().unwrap();
        let changed = change(&text);
        assert_ne!(changed, *text);
        *text = changed;
    }
}

#[async_trait]
impl RegistrySource for Written {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let text = self.0.lock().unwrap().clone();
        Ok((known != Some(&text)).then(|| Document { tag: text.clone(), text }))
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

    /// Whether a text stands anywhere in what the gateway has stored.
    pub(crate) fn has_stored(&self, text: &str) -> bool {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut bytes = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let content = std::fs::read(path).unwrap();
                bytes += content.len();
                if content.windows(text.len()).any(|part| part == text.as_bytes()) {
                    return true;
                }
            }
        }
        assert!(bytes > 0, "there is something to look through");
        false
    }

    /// What the trail of a tenant says about this hour: action and outcome of each entry.
    pub(crate) async fn trail(&self, tenant: &str) -> Vec<(String, String)> {
        let tenant = TenantId::new(tenant).unwrap();
        let trail = Trail::new(&*self.parts.records, &*self.parts.random);
        let entries = trail.hour(&tenant, NOW, self.clock.now()).await.unwrap();
        let read = |body: &[u8]| -> Value { serde_json::from_slice(body).unwrap() };
        let word = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        let entries = entries.iter().map(|entry| read(&entry.body));
        entries.map(|entry| (word(&entry, "action"), word(&entry, "outcome"))).collect()
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
        let registry = Arc::new(Written(Mutex::new(REGISTRY.into())));
        let custody = Arc::new(SecretCustody::new(
            Arc::<FileSecrets>::clone(&secrets),
            Arc::<SeededRandom>::clone(&random),
        ));
        let parts = Parts {
            records: Arc::<Breaking>::clone(&records),
            secrets: Arc::<FileSecrets>::clone(&secrets),
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::new(SqliteQueue::new(database)),
            objects: Arc::new(objects),
            web: Arc::<Providers>::clone(&web),
            registry: LiveRegistry::new(Arc::<Written>::clone(&registry), base_url.clone()),
            clock: Arc::<ManualClock>::clone(&clock),
            random: Arc::<SeededRandom>::clone(&random),
            base_url,
            automations: Automations::default(),
            memory: Memory::default(),
        };
        Self { parts: Arc::new(parts), records, registry, clock, secrets, web, random, folder }
    }
}
