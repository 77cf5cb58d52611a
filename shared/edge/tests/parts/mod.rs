//! Parts for tests of the front: embedded records that can fail on demand, and a clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};
use gatelet_core::registry::LiveRegistry;
use gatelet_core::token::SecretCustody;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_local::{
    Database, FileObjects, FileSecrets, FixedRegistry, SqliteQueue, SqliteRecords,
};
use tempfile::TempDir;
use url::Url;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

/// One tenant, whose people may read things, and some may write them.
const REGISTRY: &str = r#"
[roles.writer]
scopes = ["things:read", "things:write"]
[roles.reader]
scopes = ["things:read"]

[providers.example]
kind = "oidc"
issuer = "https://idp.example"
client_id = "gatelet"
client_secret = "provider-example"
tenant_claim = "org"

[tenants.acme]
sign_in = [{ provider = "example", matches = ["acme"] }]
roles = [{ role = "writer", groups = ["writers"] }, { role = "reader" }]
"#;

/// Everything embedded in a scratch folder.
pub(crate) struct TestParts {
    pub(crate) parts: Arc<Parts>,
    pub(crate) records: Arc<Failing>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<SeededRandom>,
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

/// No server answers.
struct Nowhere;

#[async_trait]
impl Web for Nowhere {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        Err(Outage::harmless("call a server", "there is none"))
    }
}

impl TestParts {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("data");
        let database = Database::open(&at).unwrap();
        let secrets = Arc::new(FileSecrets::open(&at).unwrap());
        let random = Arc::new(SeededRandom::new(1));
        let base_url = Url::parse("https://gate.example").unwrap();
        let drawn = Arc::<SeededRandom>::clone(&random);
        let objects = FileObjects::open(database.clone(), base_url.clone(), drawn).unwrap();
        let records = SqliteRecords::new(database.clone());
        let records = Arc::new(Failing(records, AtomicBool::new(false)));
        let clock = Arc::new(ManualClock::at(NOW));
        let vault = Arc::<FileSecrets>::clone(&secrets);
        let drawn = Arc::<SeededRandom>::clone(&random);
        let custody = Arc::new(SecretCustody::new(vault, drawn));
        let registry = FixedRegistry::new(REGISTRY.into());
        let parts = Parts {
            records: Arc::<Failing>::clone(&records),
            secrets,
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::new(SqliteQueue::new(database)),
            objects: Arc::new(objects),
            web: Arc::new(Nowhere),
            registry: LiveRegistry::new(Arc::new(registry), base_url.clone()),
            clock: Arc::<ManualClock>::clone(&clock),
            random: Arc::<SeededRandom>::clone(&random),
            base_url,
            automations: Automations::default(),
            memory: Memory::default(),
        };
        Self { parts: Arc::new(parts), records, clock, random, _folder: folder }
    }
}
