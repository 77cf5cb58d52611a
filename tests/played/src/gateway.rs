//! The gateway: its processes over one store, one vault and two played providers.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use axum::Router;
use gatelet_contracts::runs::MemoryObjects;
use gatelet_contracts::{ManualClock, MemorySecrets, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::secrets::own::{OwnSecret, ensure};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets as _};
use gatelet_core::token::{KeyHandle, KeyMaker, KeyRing, SecretCustody};
use gatelet_edge::{Gate, Origin, Routes, front};
use url::Url;

use crate::memory::MemoryRecords;
use crate::ports::Outside;
use crate::provider::Providers;
use crate::queue::MemoryQueue;
use crate::script::{Script, catalog};
use crate::weather::Weather;

/// The moment at which every test begins: one that no machine's clock shows, so that whoever asked one would be
/// found out.
pub const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

const SIGNING_KEY: &str = "signing-key-played";

/// To make a key costs more than all the rest, so all gateways of a test run have the same.
static KEY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    der.as_ref().to_vec()
});

/// One process.
pub struct Gateway {
    /// What its handlers reach.
    pub parts: Arc<Parts>,
    /// What befalls its calls.
    pub weather: Arc<Weather>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// What it shares with the other processes.
    pub store: Arc<Store>,
    pub(crate) service: Router,
    routes: fn() -> Routes,
}

/// What all processes share.
pub struct Store {
    /// The records.
    pub records: Arc<MemoryRecords>,
    /// The files.
    pub objects: Arc<MemoryObjects>,
    /// What was sent to the worker.
    pub queue: Arc<MemoryQueue>,
    /// The vault.
    pub secrets: Arc<MemorySecrets>,
    /// The registry.
    pub registry: Arc<Written>,
    /// The providers, whose clock is right.
    pub providers: Arc<Providers>,
    /// The providers' clock.
    pub right_clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
}

/// A registry that a test can write anew. The text is its own tag.
pub struct Written(Mutex<String>);

impl Written {
    /// Replaces each occurrence of a text, of which there must be one.
    pub fn change(&self, from: &str, to: &str) {
        let mut text = self.0.lock().unwrap();
        assert!(text.contains(from), "the registry says {from}");
        *text = text.replace(from, to);
    }
}

#[async_trait]
impl RegistrySource for Written {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let text = self.0.lock().unwrap().clone();
        Ok((known != Some(&text)).then(|| Document { tag: text.clone(), text }))
    }
}

struct Premade;

#[async_trait]
impl KeyMaker for Premade {
    async fn make_key(&self) -> Result<KeyHandle, Outage> {
        Ok(KeyHandle::new(SIGNING_KEY))
    }
}

impl Gateway {
    /// A deployment that serves these routes, after its first upkeep.
    pub async fn new(routes: fn() -> Routes) -> Self {
        let right_clock = Arc::new(ManualClock::at(NOW));
        let registry = include_str!("registry.toml").to_owned();
        let store = Arc::new(Store {
            records: Arc::default(),
            objects: Arc::default(),
            queue: Arc::default(),
            secrets: Arc::default(),
            registry: Arc::new(Written(Mutex::new(registry))),
            providers: Arc::new(Providers::new(Arc::clone(&right_clock))),
            right_clock,
            random: Arc::new(SeededRandom::unseeded()),
        });
        let gateway = Self::over(store, Arc::new(ManualClock::at(NOW)), routes);
        gateway.upkeep().await;
        gateway
    }

    /// Another process over the same store, under the same clock, which remembers nothing.
    #[must_use]
    pub fn second_process(&self) -> Self {
        Self::over(Arc::clone(&self.store), Arc::clone(&self.clock), self.routes)
    }

    /// A process that remembers nothing, under a clock of its own.
    #[must_use]
    pub fn process_at(&self, now: Timestamp) -> Self {
        Self::over(Arc::clone(&self.store), Arc::new(ManualClock::at(now)), self.routes)
    }

    fn over(store: Arc<Store>, clock: Arc<ManualClock>, routes: fn() -> Routes) -> Self {
        let weather = Arc::new(Weather::default());
        let base_url = Url::parse("https://gate.example").unwrap();
        let custody = Arc::new(SecretCustody::new(
            Arc::<MemorySecrets>::clone(&store.secrets),
            Arc::<SeededRandom>::clone(&store.random),
        ));
        let registry = Outside::new(&weather, Arc::clone(&store.registry));
        let parts = Arc::new(Parts {
            records: Arc::new(Outside::new(&weather, Arc::clone(&store.records))),
            secrets: Arc::new(Outside::new(&weather, Arc::clone(&store.secrets))),
            signer: Arc::new(Outside::new(&weather, custody)),
            key_maker: Arc::new(Premade),
            queue: Arc::<MemoryQueue>::clone(&store.queue),
            objects: Arc::new(Outside::new(&weather, Arc::clone(&store.objects))),
            web: Arc::new(Outside::new(&weather, Arc::clone(&store.providers))),
            registry: LiveRegistry::new(Arc::new(registry), base_url.clone()),
            clock: Arc::<ManualClock>::clone(&clock),
            random: Arc::<SeededRandom>::clone(&store.random),
            base_url,
            automations: Automations { catalog: Arc::new(catalog()), runner: Arc::new(Script) },
            memory: Memory::default(),
        });
        let service = front(routes(), Gate::new(Arc::clone(&parts)), Origin::Host);
        Self { parts, weather, clock, store, service, routes }
    }

    async fn upkeep(&self) {
        let Parts { secrets, random, .. } = &*self.parts;
        for which in OwnSecret::ALL {
            ensure(&**secrets, which, &**random).await.unwrap();
        }
        for provider in ["one", "two"] {
            let name = SecretName::new(format!("provider-{provider}")).unwrap();
            let secret = SecretBytes::new(b"a client secret".to_vec());
            self.store.secrets.put(&name, &secret).await.unwrap();
        }
        let name = SecretName::new(SIGNING_KEY).unwrap();
        self.store.secrets.put(&name, &SecretBytes::new(KEY.clone())).await.unwrap();
        let ring = KeyRing::new(&*self.parts.records, &**random);
        ring.ensure(&Premade, &*self.parts.signer, NOW).await.unwrap();
    }
}
