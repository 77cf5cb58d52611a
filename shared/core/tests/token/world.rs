//! A deployment in a scratch folder, its processes, and a person who has signed in.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_contracts::records::Watched;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::identity::{Facts, Person};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::records::{Commit, Outcome, Partition, Records as _, Table, list_all};
use gatelet_core::registry::{Document, LiveRegistry, Registry, RegistrySource};
use gatelet_core::session::{ABSOLUTE, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{
    Access, AccessToken, BROWSER_CLIENT, CheckError, Holder, Invalid, IssueError, KeyRing, RingKey,
    SecretCustody, Sha256Digest, Wish, check, issue,
};
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_local::{Database, FileObjects, FileSecrets, SqliteQueue, SqliteRecords};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);
pub(crate) const OURS: &str = "https://gate.example/api";
pub(crate) const ORDERS: &str = "https://orders.example";

pub(crate) const REGISTRY: &str = r#"
[roles.operator]
scopes = ["me", "runs:read", "runs:start", "orders:read"]
[roles.viewer]
scopes = ["me", "runs:read"]

[providers.example]
kind = "oidc"
issuer = "https://idp.example"
client_id = "gatelet"
client_secret = "provider-example"
tenant_claim = "org"

[tenants.acme]
sign_in = [{ provider = "example", matches = ["acme"] }]
roles = [{ role = "operator", groups = ["ops"] }, { role = "viewer" }]

[clients.cli]
redirect_uris = ["http://127.0.0.1/"]

[apis.orders]
audience = "https://orders.example"
scopes = ["orders:read", "orders:write"]
with_name = true
with_email = true
aliases = { userId = "sub", organizationId = "tid" }
"#;

/// A deployment with one process.
pub(crate) struct World {
    pub(crate) parts: Parts,
    pub(crate) records: Arc<Watched>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) registry: Registry,
    pub(crate) custody: Arc<SecretCustody>,
    pub(crate) random: Arc<SeededRandom>,
    _folder: TempDir,
}

/// No server is ever called, and the registry is handed to whoever needs it.
struct Nothing;

#[async_trait]
impl Web for Nothing {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        panic!("nobody may be asked: {}", request.url)
    }
}

#[async_trait]
impl RegistrySource for Nothing {
    async fn read(&self, _: Option<&str>) -> Result<Option<Document>, Outage> {
        Ok(None)
    }
}

/// What the provider said of Ada, who is an operator.
pub(crate) fn ada() -> SignIn {
    let person = Person { issuer: "https://idp.example".into(), subject: "ada".into() };
    let facts = Facts {
        tenant_claim: Some("acme".into()),
        groups: vec!["ops".into()],
        provider_session: Some("at-the-provider".into()),
        name: Some("Ada".into()),
        email: Some("ada@acme.example".into()),
        auth_time: Some(Timestamp::from_secs(NOW.secs() - 60)),
        acr: Some("2".into()),
        amr: vec!["pwd".into(), "otp".into()],
        ..Facts::of("example", person)
    };
    SignIn { tenant: TenantId::new("acme").unwrap(), role: "operator".into(), facts }
}

/// Ada's session in her browser, begun at this moment.
pub(crate) fn session(sign_in: &SignIn, begun_at: Timestamp) -> Holder<'_> {
    Holder {
        sign_in,
        session_id: "adas-session",
        begun_at,
        ends_at: begun_at + ABSOLUTE,
        client_id: BROWSER_CLIENT,
    }
}

impl World {
    /// A deployment that has its first key.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("data");
        let database = Database::open(&at).unwrap();
        let records = Arc::new(Watched::new(Arc::new(SqliteRecords::new(database.clone()))));
        let secrets = Arc::new(FileSecrets::open(&at).unwrap());
        let random = Arc::new(SeededRandom::new(7));
        let clock = Arc::new(ManualClock::at(NOW));
        let custody = Arc::new(SecretCustody::new(
            Arc::<FileSecrets>::clone(&secrets),
            Arc::<SeededRandom>::clone(&random),
        ));
        let base_url = Url::parse("https://gate.example").unwrap();
        let registry = Registry::read(REGISTRY, &base_url).unwrap();
        let nothing = Arc::new(Nothing);
        let objects =
            FileObjects::open(database.clone(), base_url.clone(), Arc::clone(&random) as Arc<_>);
        let parts = Parts {
            records: Arc::<Watched>::clone(&records),
            secrets: Arc::<FileSecrets>::clone(&secrets),
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: Arc::<SecretCustody>::clone(&custody),
            queue: Arc::new(SqliteQueue::new(database.clone())),
            objects: Arc::new(objects.unwrap()),
            web: Arc::<Nothing>::clone(&nothing),
            registry: LiveRegistry::new(nothing, base_url.clone()),
            clock: Arc::<ManualClock>::clone(&clock),
            random: Arc::<SeededRandom>::clone(&random),
            base_url,
            automations: Automations::default(),
            memory: Memory::default(),
        };
        let world = Self { parts, records, clock, registry, custody, random, _folder: folder };
        world.ring().ensure(&*world.custody, &*world.custody, NOW).await.unwrap();
        world
    }

    /// Another process of the deployment, which remembers nothing; or of another deployment on the same stores.
    pub(crate) fn process(&self, base_url: &str) -> Parts {
        let base_url = Url::parse(base_url).unwrap();
        let nothing = Arc::new(Nothing);
        Parts {
            records: Arc::clone(&self.parts.records),
            secrets: Arc::clone(&self.parts.secrets),
            signer: Arc::clone(&self.parts.signer),
            key_maker: Arc::clone(&self.parts.key_maker),
            queue: Arc::clone(&self.parts.queue),
            objects: Arc::clone(&self.parts.objects),
            web: Arc::<Nothing>::clone(&nothing),
            registry: LiveRegistry::new(nothing, base_url.clone()),
            clock: Arc::clone(&self.parts.clock),
            random: Arc::clone(&self.parts.random),
            base_url,
            automations: Automations::default(),
            memory: Memory::default(),
        }
    }

    pub(crate) fn ring(&self) -> KeyRing<'_> {
        KeyRing::new(&*self.records, &*self.random)
    }

    pub(crate) async fn key(&self) -> RingKey {
        self.ring().current(self.clock.now()).await.unwrap().unwrap()
    }

    /// A token for Ada's session, with all she may have at our own API.
    pub(crate) async fn token(&self) -> AccessToken {
        let now = self.clock.now();
        self.issued(&session(&ada(), now), &Wish::default()).await.unwrap()
    }

    pub(crate) async fn issued(
        &self,
        holder: &Holder<'_>,
        wish: &Wish<'_>,
    ) -> Result<AccessToken, IssueError> {
        issue(&self.parts, &self.registry, holder, wish, self.clock.now()).await
    }

    /// What our own API makes of a token now.
    pub(crate) async fn check(&self, token: &str) -> Result<Arc<Access>, Invalid> {
        verdict(check(&self.parts, token, OURS, self.clock.now()).await)
    }

    /// Takes every key out of the ring, as after a break-in.
    pub(crate) async fn drop_every_key(&self) {
        let partition = Partition::new(Table::Identity, "keys").unwrap();
        let now = self.clock.now();
        for record in list_all(&*self.records, &partition, None, now).await.unwrap() {
            let commit = Commit::new(partition.clone(), &*self.random).delete(record.key, None);
            let outcome = self.records.commit(&commit.unwrap(), now).await.unwrap();
            assert_eq!(outcome, Outcome::Committed);
        }
    }

    /// Signs any header and claims with the current key, as only we can.
    pub(crate) async fn signed(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encoded(header), encoded(claims));
        let digest = Sha256Digest::of(input.as_bytes());
        let key = self.key().await;
        let signature = self.parts.signer.sign(&key.handle, &digest).await.unwrap().unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The header and claims of a good token.
    pub(crate) async fn good(&self) -> (Value, Value) {
        let token = self.token().await;
        (part(&token.text, 0), part(&token.text, 1))
    }
}

/// An answer that must not be an outage.
pub(crate) fn verdict(answer: Result<Arc<Access>, CheckError>) -> Result<Arc<Access>, Invalid> {
    answer.map_err(|error| match error {
        CheckError::Invalid(reason) => reason,
        CheckError::Outage(outage) => panic!("{outage:?}"),
    })
}

pub(crate) fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// One part of a token, read without any check.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The object with these members in the place of its own; `null` takes one away.
pub(crate) fn with(object: &Value, changes: &Value) -> Value {
    let mut object = object.clone();
    for (name, value) in changes.as_object().unwrap() {
        let members = object.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}
