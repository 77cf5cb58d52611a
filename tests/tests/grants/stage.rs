//! A gateway in a scratch folder, with records that can be made to fail and a registry that can be rewritten.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::audit::Trail;
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::session::{SessionKey, Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{Families, Offer, SecretCustody};
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_edge::{CSRF_HEADER, Gate, Origin, front};
use gatelet_local::{Database, FileObjects, FileSecrets, SqliteQueue, SqliteRecords};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;
use url::Url;

use crate::failing::Failing;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);
pub(crate) const REGISTRY: &str = include_str!("registry.toml");
pub(crate) const CLIENT: &str = "cli";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:4711/callback";
/// The example of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) struct Stage {
    pub(crate) parts: Arc<Parts>,
    pub(crate) records: Arc<Failing>,
    pub(crate) clock: Arc<ManualClock>,
    registry: Arc<Written>,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// A member that is text.
    pub(crate) fn text(&self, member: &str) -> String {
        let json = self.json();
        let found = json.get(member).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {member}: {}", self.body)).to_owned()
    }

    /// The status and OAuth's error.
    pub(crate) fn error(&self) -> (u16, String) {
        assert_eq!(self.headers.get(header::CONTENT_TYPE).unwrap(), "application/json");
        assert_eq!(self.headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
        (self.status.as_u16(), self.text("error"))
    }

    /// The status and a problem's code.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.headers.get(header::CONTENT_TYPE).unwrap(),
            "application/problem+json",
            "{}",
            self.body
        );
        (self.status.as_u16(), self.text("code"))
    }

    /// Demands success.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert_eq!(self.headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
        self
    }

    /// Demands an outage that takes nothing back.
    pub(crate) fn is_away(&self) {
        assert_eq!(self.problem(), (503, "unavailable".into()));
        assert!(self.headers.contains_key(header::RETRY_AFTER));
        assert!(!self.headers.contains_key(header::SET_COOKIE), "no cookie is cleared");
    }
}

#[derive(Default)]
struct Written(Mutex<(String, usize)>);

#[async_trait]
impl RegistrySource for Written {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let (text, edition) = self.0.lock().unwrap().clone();
        let tag = edition.to_string();
        Ok((known != Some(&tag)).then_some(Document { text, tag }))
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

impl Stage {
    /// A gateway after its first minute: the upkeep has made its keys and secrets.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("data");
        let database = Database::open(&at).unwrap();
        let secrets = Arc::new(FileSecrets::open(&at).unwrap());
        let random = Arc::new(SeededRandom::unseeded());
        let base_url = Url::parse("https://gate.example").unwrap();
        let drawn = Arc::<SeededRandom>::clone(&random);
        let objects = FileObjects::open(database.clone(), base_url.clone(), drawn).unwrap();
        let records = Arc::new(Failing::new(Arc::new(SqliteRecords::new(database.clone()))));
        let clock = Arc::new(ManualClock::at(NOW));
        let vault = Arc::<FileSecrets>::clone(&secrets);
        let custody = Arc::new(SecretCustody::new(vault, Arc::<SeededRandom>::clone(&random)));
        let registry = Arc::new(Written(Mutex::new((REGISTRY.into(), 0))));
        let parts = Parts {
            records: Arc::<Failing>::clone(&records),
            secrets,
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::new(SqliteQueue::new(database)),
            objects: Arc::new(objects),
            web: Arc::new(Nowhere),
            registry: LiveRegistry::new(Arc::<Written>::clone(&registry), base_url.clone()),
            clock: Arc::<ManualClock>::clone(&clock),
            random,
            base_url,
            automations: Automations::default(),
            memory: Memory::default(),
        };
        upkeep::on_tick(&parts).await.unwrap();
        Self { parts: Arc::new(parts), records, clock, registry, _folder: folder }
    }

    pub(crate) fn service(&self) -> Router {
        let routes = token::routes().and(revoke::routes());
        front(routes, Gate::new(Arc::clone(&self.parts)), Origin::Host)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.service().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// Posts a form as a client without a cookie does.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(posted(path, form, &[])).await
    }

    /// Posts a form as our own page does.
    pub(crate) async fn page(&self, path: &str, key: &SessionKey, form: &[(&str, &str)]) -> Answer {
        let cookie = cookie(key);
        let ours = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")];
        self.send(posted(path, form, &ours)).await
    }

    /// Replaces a part of the registry, and lets the minute pass after which it is read again.
    pub(crate) fn rewrite(&self, from: &str, to: &str) {
        assert!(REGISTRY.contains(from), "{from}");
        let mut written = self.registry.0.lock().unwrap();
        *written = (REGISTRY.replace(from, to), written.1 + 1);
        self.clock.advance(Duration::from_mins(1));
    }

    pub(crate) fn now(&self) -> Timestamp {
        use gatelet_core::clock::Clock as _;
        self.clock.now()
    }

    /// A session of a person.
    pub(crate) async fn session(&self, person: &str) -> SessionKey {
        let sessions = Sessions::new(&*self.parts.records, &*self.parts.random);
        sessions.begin(sign_in(person), None, self.now()).await.unwrap().0
    }

    /// Whether a session is live.
    pub(crate) async fn is_live(&self, key: &SessionKey) -> bool {
        let sessions = Sessions::new(&*self.parts.records, &*self.parts.random);
        sessions.find(key, self.now()).await.unwrap().is_some()
    }

    /// A code that a person's sign-in has led to.
    pub(crate) async fn code(
        &self,
        person: &str,
        (scope, resource): (Option<&str>, Option<&str>),
    ) -> String {
        let offer = Offer {
            sign_in: &sign_in(person),
            client_id: CLIENT,
            redirect_uri: REDIRECT,
            challenge: CHALLENGE,
            scope,
            resource,
        };
        let families = Families::new(&*self.parts.records, &*self.parts.random);
        families.offer(&offer, self.now()).await.unwrap().expose().to_owned()
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        self.post("/auth/token", &redemption(code)).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/token", &renewal(token)).await
    }

    /// What a person's client holds after its first token request.
    pub(crate) async fn client(&self, person: &str) -> Held {
        let code = self.code(person, (None, None)).await;
        Held::of(&self.redeem(&code).await.ok())
    }

    /// Whether an access token is good at our own API. Asked six seconds later, when the feed is read again.
    pub(crate) async fn is_good(&self, access: &str) -> bool {
        self.clock.advance(Duration::from_secs(6));
        let own = "https://gate.example/api";
        match gatelet_core::token::check(&self.parts, access, own, self.now()).await {
            Ok(_) => true,
            Err(gatelet_core::token::CheckError::Invalid(_)) => false,
            Err(away) => panic!("{away}"),
        }
    }

    /// The audit entries of this hour that tell of an action: their outcomes.
    pub(crate) async fn told(&self, action: &str) -> Vec<String> {
        let trail = Trail::new(&*self.parts.records, &*self.parts.random);
        let tenant = TenantId::new("acme").unwrap();
        let entries = trail.hour(&tenant, self.now(), self.now()).await.unwrap();
        let entries = entries.iter().map(|record| serde_json::from_slice(&record.body).unwrap());
        let text = |entry: &Value, member| entry.get(member).unwrap().as_str().unwrap().to_owned();
        let told = entries.filter(|entry: &Value| text(entry, "action") == action);
        told.map(|entry| text(&entry, "outcome")).collect()
    }
}

/// What a client holds.
pub(crate) struct Held {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Held {
    pub(crate) fn of(answer: &Answer) -> Self {
        Self { access: answer.text("access_token"), refresh: answer.text("refresh_token") }
    }
}

pub(crate) fn redemption(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) fn renewal(token: &str) -> [(&str, &str); 3] {
    [("grant_type", "refresh_token"), ("client_id", CLIENT), ("refresh_token", token)]
}

pub(crate) fn cookie(key: &SessionKey) -> String {
    format!("__Host-bff_session={}", key.expose())
}

pub(crate) fn posted(path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Request<Body> {
    let body = Url::parse_with_params("https://x", form).unwrap();
    let body = body.query().unwrap_or_default().to_owned();
    let mut request = Request::post(path).header(header::HOST, "gate.example");
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, FORM);
    }
    headers.iter().fold(request, |r, (k, v)| r.header(*k, *v)).body(Body::from(body)).unwrap()
}

/// The claims of a token, unverified.
pub(crate) fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Who signs in: the tenant's name, a slash, and the person's.
fn sign_in(person: &str) -> SignIn {
    let (tenant, name) = person.split_once('/').unwrap();
    let person = Person { issuer: "https://one.example".into(), subject: name.into() };
    let facts = Facts {
        tenant_claim: Some(format!("{tenant}.example")),
        groups: vec!["operators".into()],
        auth_time: Some(NOW.before(Duration::from_mins(5))),
        provider_session: Some(format!("session-of-{name}")),
        ..Facts::of("one", person)
    };
    SignIn { tenant: TenantId::new(tenant).unwrap(), role: "operator".into(), facts }
}
