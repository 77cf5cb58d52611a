//! What a function may ask of its host: the ports, built for the platform it runs on.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use url::Url;

use crate::automation::catalog::Catalog;
use crate::automation::{NoRunner, Queue, Runner};
use crate::clock::Clock;
use crate::identity::RememberedProviders;
use crate::objects::Objects;
use crate::random::Random;
use crate::records::Records;
use crate::registry::LiveRegistry;
use crate::revocation::RevocationView;
use crate::secrets::Secrets;
use crate::secrets::own::RememberedSecrets;
use crate::sign_in::Lookups;
use crate::token::{KeyMaker, RememberedKeys, RememberedTokens, Signer};
use crate::trace::Spans;
use crate::web::Web;

/// The parts of one process. Making one costs next to nothing: clients, connections and keys wait for the first
/// use, and none is built twice. A function that does not use a part does not pay for it, and its identity need
/// not be allowed to.
pub struct Parts {
    /// The records.
    pub records: Arc<dyn Records>,
    /// The vault.
    pub secrets: Arc<dyn Secrets>,
    /// Signs with keys that are there.
    pub signer: Arc<dyn Signer>,
    /// Makes keys to sign with.
    pub key_maker: Arc<dyn KeyMaker>,
    /// The way to the worker.
    pub queue: Arc<dyn Queue>,
    /// Objects too large for records.
    pub objects: Arc<dyn Objects>,
    /// The way to other people's servers.
    pub web: Arc<dyn Web>,
    /// Tenants, providers and clients.
    pub registry: LiveRegistry,
    /// What can be run, and what runs it.
    pub automations: Automations,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws random bytes.
    pub random: Arc<dyn Random>,
    /// The one public address of this deployment, and the only source of absolute addresses.
    pub base_url: Url,
    /// What the process remembers.
    pub memory: Memory,
}

/// What can be run, and what runs it. Without anything said there is neither.
pub struct Automations {
    /// The catalog.
    pub catalog: Arc<Catalog>,
    /// The runner of scripts.
    pub runner: Arc<dyn Runner>,
}

impl Default for Automations {
    fn default() -> Self {
        Self { catalog: Arc::default(), runner: Arc::new(NoRunner) }
    }
}

/// What a process remembers between two requests. It begins empty, and losing it costs time and nothing else.
#[derive(Default)]
pub struct Memory {
    /// Secrets of our own.
    pub own_secrets: RememberedSecrets,
    /// The keys to sign and to verify access tokens with.
    pub keys: RememberedKeys,
    /// What the access tokens said that were verified lately.
    pub tokens: RememberedTokens,
    /// What was taken back lately.
    pub revocations: RevocationView,
    /// What identity providers say about themselves, and how we prove to them who we are.
    pub providers: RememberedProviders,
    /// When a sealing key was last looked up that the process did not know.
    pub lookups: Lookups,
    /// The spans that have ended, where they are exported.
    pub spans: Spans,
    /// Whether the process was told to end. A worker then hands back what it holds and may hand back.
    pub is_ending: AtomicBool,
}
