//! A deployment with one provider, and one sign-in at it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Answered, Facts, Identity, Redeemed, Refusal, SignInError};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{
    Document, LiveRegistry, Provider, ProviderKind, Registry, RegistrySource,
};
use gatelet_core::secrets::SecretBytes;
use gatelet_core::token::SecretCustody;
use gatelet_local::{Database, FileObjects, SqliteQueue, SqliteRecords};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::played::Played;
use crate::vault::Vault;

/// A moment that no machine's clock shows, so that whoever asked one would be found out.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);
pub(crate) const NONCE: &str = "the nonce of this sign-in";
pub(crate) const ORGANISATION: &str = "0f3a1c52-8a0e-4f59-9d1c-2b7f5c7a9e10";

/// A deployment.
pub(crate) struct House {
    pub(crate) parts: Parts,
    pub(crate) provider: Provider,
    pub(crate) played: Arc<Played>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) acr_values: Option<&'static str>,
    pub(crate) max_age: Option<Duration>,
    _folder: TempDir,
}

struct NoRegistry;

#[async_trait]
impl RegistrySource for NoRegistry {
    async fn read(&self, _: Option<&str>) -> Result<Option<Document>, Outage> {
        Ok(None)
    }
}

impl House {
    /// With an ordinary OpenID provider.
    pub(crate) fn new() -> Self {
        Self::with("kind = \"oidc\"\nissuer = \"https://idp.example\"\ntenant_claim = \"org\"", "")
    }

    /// With a provider that is written like this in the registry, at an address of ours.
    pub(crate) fn with(written: &str, base_url: &str) -> Self {
        let base_url = if base_url.is_empty() { "https://gate.example" } else { base_url };
        let base_url = Url::parse(base_url).unwrap();
        let provider = provider(written, &base_url);
        let (issuer, at, organisation) = match provider.kind {
            ProviderKind::Entra => (
                format!("https://login.microsoftonline.com/{ORGANISATION}/v2.0"),
                "https://login.microsoftonline.com/common".to_owned(),
                json!({ "tid": ORGANISATION }),
            ),
            ProviderKind::Google => (
                provider.issuer.clone(),
                "https://google.example".to_owned(),
                json!({ "hd": "acme.example" }),
            ),
            _ => (provider.issuer.clone(), provider.issuer.clone(), json!({ "org": "acme" })),
        };
        let played = Played::new(&provider.issuer, &at, claims(&issuer, &organisation));
        Self::at(base_url, provider, played)
    }

    fn at(base_url: Url, provider: Provider, played: Played) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("data")).unwrap();
        let random = Arc::new(SeededRandom::new(1));
        let drawn = Arc::<SeededRandom>::clone(&random);
        let objects = FileObjects::open(database.clone(), base_url.clone(), drawn).unwrap();
        let vault = Arc::new(Vault::default());
        vault.add(b"the secret");
        let played = Arc::new(played);
        let kept = Arc::<Vault>::clone(&vault);
        let drawn = Arc::<SeededRandom>::clone(&random);
        let custody = Arc::new(SecretCustody::new(kept, drawn));
        let parts = Parts {
            records: Arc::new(SqliteRecords::new(database.clone())),
            secrets: Arc::<Vault>::clone(&vault),
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::new(SqliteQueue::new(database)),
            objects: Arc::new(objects),
            web: Arc::<Played>::clone(&played),
            registry: LiveRegistry::new(Arc::new(NoRegistry), base_url.clone()),
            clock: Arc::new(ManualClock::at(NOW)),
            random,
            base_url,
            automations: Automations::default(),
            memory: Memory::default(),
        };
        let (acr_values, max_age) = (None, None);
        Self { parts, provider, played, vault, acr_values, max_age, _folder: folder }
    }

    pub(crate) const fn identity(&self) -> Identity<'_> {
        Identity::new(&self.parts)
    }

    /// Signs in.
    pub(crate) async fn redeem(&self) -> Result<Redeemed, SignInError> {
        self.redeem_at(NOW).await
    }

    /// Signs in at a moment.
    pub(crate) async fn redeem_at(&self, now: Timestamp) -> Result<Redeemed, SignInError> {
        let verifier = SecretBytes::new(b"the verifier".to_vec());
        let answered = Answered {
            code: "the code",
            verifier: &verifier,
            nonce: NONCE,
            redirect_uri: "https://gate.example/auth/callback/corp",
            max_age: self.max_age,
            acr_values: self.acr_values,
        };
        self.identity().redeem(&self.provider, &answered, now).await
    }

    /// Checks the `iss` of an answer.
    pub(crate) async fn check_response_issuer(&self, iss: Option<&str>) -> Result<(), SignInError> {
        self.identity().check_response_issuer(&self.provider, iss, NOW).await
    }

    /// Signs in, and says what was proved.
    pub(crate) async fn facts(&self) -> Facts {
        self.redeem().await.unwrap().facts
    }

    /// Signs in with a claim changed, or left out where there is no value.
    pub(crate) async fn with_claim(
        &self,
        name: &str,
        value: Option<Value>,
    ) -> Result<Redeemed, SignInError> {
        let change = |value: Option<Value>| {
            let mut before = None;
            self.played.set(|state| {
                before = match value {
                    Some(value) => state.claims.insert(name.to_owned(), value),
                    None => state.claims.remove(name),
                };
            });
            before
        };
        let before = change(value);
        let outcome = self.redeem().await;
        change(before);
        outcome
    }
}

/// Why a sign-in was refused.
#[track_caller]
pub(crate) fn refusal<T>(outcome: Result<T, SignInError>) -> Refusal {
    match outcome {
        Err(SignInError::Refused(refusal)) => refusal,
        Err(SignInError::Outage(outage)) => panic!("an outage: {}", outage.cause),
        Ok(_) => panic!("it was not refused"),
    }
}

/// Whether it was an outage, and nothing else.
pub(crate) fn is_outage<T>(outcome: &Result<T, SignInError>) -> bool {
    matches!(outcome, Err(SignInError::Outage(_)))
}

/// The provider `corp` of a registry that has nothing else.
pub(crate) fn provider(written: &str, base_url: &Url) -> Provider {
    let reference =
        if written.contains("private_key_jwt") { "private_key" } else { "client_secret" };
    let text = format!(
        "[providers.corp]\nclient_id = \"gate\"\n{reference} = \"provider-corp\"\n{written}\n"
    );
    Registry::read(&text, base_url).unwrap().providers["corp"].clone()
}

fn claims(issuer: &str, organisation: &Value) -> Value {
    let mut claims = json!({
        "iss": issuer,
        "sub": "248289761001",
        "aud": "gate",
        "nonce": NONCE,
        "iat": NOW.secs(),
        "exp": NOW.secs() + 300,
        "sid": "their session",
        "groups": ["staff", "admins"],
        "name": "Ada Lovelace",
        "email": "ada@acme.example",
        "email_verified": true,
    });
    let more = organisation.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(more);
    claims
}
