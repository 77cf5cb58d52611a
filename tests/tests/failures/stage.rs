//! The whole gateway with the pocket provider, over a scratch folder, with any one dependency taken away.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Memory, Parts};
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::secrets::SecretBytes;
use gatelet_core::token::SecretCustody;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_edge::{Gate, Origin, front};
use gatelet_local::pocket::{self, Pocket};
use gatelet_local::{Database, FileObjects, FileSecrets, SqliteQueue, SqliteRecords};
use http::{Request, header};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;
use url::Url;

use crate::away::Away;

const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);
const PROVIDER_PORT: u16 = 8788;

/// What a function depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dependency {
    Records,
    Vault,
    Signing,
    Registry,
    Provider,
}

/// A folder in which people have signed in, and processes on it.
pub(crate) struct Stage {
    folder: TempDir,
    base_url: Url,
    provider: Router,
    pub(crate) clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
}

struct Written(String);

#[async_trait]
impl RegistrySource for Written {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let document = || Document { text: self.0.as_str().into(), tag: "1".into() };
        Ok(known.is_none().then(document))
    }
}

/// The way to the pocket provider, without a network in between.
struct ToPocket(Router);

#[async_trait]
impl Web for ToPocket {
    async fn send(&self, asked: &WebRequest) -> Result<WebAnswer, Outage> {
        let mut request = match &asked.form {
            None => Request::get(asked.url.as_str()),
            Some(_) => Request::post(asked.url.as_str())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        };
        if let Some(authorization) = &asked.authorization {
            request = request.header(header::AUTHORIZATION, authorization.expose());
        }
        let form = asked.form.as_ref().map(|form| form.expose().to_vec()).unwrap_or_default();
        let answer = ask_pocket(&self.0, request.body(Body::from(form)).unwrap()).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
        Ok(WebAnswer { status, body: SecretBytes::new(body), max_age: None })
    }
}

/// Asks as somebody at this machine.
pub(crate) async fn ask_pocket(
    provider: &Router,
    mut request: Request<Body>,
) -> http::Response<Body> {
    let host = format!("127.0.0.1:{PROVIDER_PORT}").parse().unwrap();
    request.headers_mut().insert(header::HOST, host);
    let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    provider.clone().oneshot(request).await.unwrap()
}

impl Stage {
    /// With its first keys and secrets made.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let random = Arc::new(SeededRandom::unseeded());
        let base_url = Url::parse("http://localhost:8787").unwrap();
        let vault = Arc::new(FileSecrets::open(&folder.path().join("data")).unwrap());
        let (drawn, ticking) = (Arc::clone(&random), Arc::clone(&clock));
        let pocket = Pocket::open(PROVIDER_PORT, base_url.clone(), vault, ticking, drawn).await;
        let provider = pocket.unwrap().router();
        let stage = Self { folder, base_url, provider, clock, random };
        upkeep::on_tick(&stage.parts(None)).await.unwrap();
        stage
    }

    /// A process that remembers nothing, without one dependency.
    pub(crate) fn process(&self, without: Option<Dependency>) -> Router {
        front(all::routes(), Gate::new(Arc::new(self.parts(without))), Origin::Host)
    }

    pub(crate) fn provider(&self) -> &Router {
        &self.provider
    }

    fn parts(&self, without: Option<Dependency>) -> Parts {
        let at = self.folder.path().join("data");
        let database = Database::open(&at).unwrap();
        let vault = Arc::new(FileSecrets::open(&at).unwrap());
        let random: Arc<SeededRandom> = Arc::clone(&self.random);
        let custody = Arc::new(SecretCustody::new(
            Arc::<FileSecrets>::clone(&vault),
            Arc::<SeededRandom>::clone(&random),
        ));
        let drawn = Arc::<SeededRandom>::clone(&random);
        let objects = FileObjects::open(database.clone(), self.base_url.clone(), drawn).unwrap();
        let written = Arc::new(Written(pocket::registry(&self.base_url, PROVIDER_PORT)));
        let mut parts = Parts {
            records: Arc::new(SqliteRecords::new(database.clone())),
            secrets: vault,
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::new(SqliteQueue::new(database)),
            objects: Arc::new(objects),
            web: Arc::new(ToPocket(self.provider.clone())),
            registry: LiveRegistry::new(written, self.base_url.clone()),
            clock: Arc::<ManualClock>::clone(&self.clock),
            random,
            base_url: self.base_url.clone(),
            memory: Memory::default(),
        };
        match without {
            None => {}
            Some(Dependency::Records) => parts.records = Arc::new(Away),
            Some(Dependency::Vault) => parts.secrets = Arc::new(Away),
            Some(Dependency::Signing) => parts.signer = Arc::new(Away),
            Some(Dependency::Registry) => {
                parts.registry = LiveRegistry::new(Arc::new(Away), self.base_url.clone());
            }
            Some(Dependency::Provider) => parts.web = Arc::new(Away),
        }
        parts
    }
}
