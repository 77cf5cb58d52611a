//! Measures what `POST /auth/token` costs a page's session, from the request to the answer, on the embedded store:
//! beside the one RSA signature that it cannot do without. In one run, in turns, in time of all processors.
//! `cargo xtask bench` runs it and prints the table.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what cannot be measured ends the benchmark"
)]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::{Body, to_bytes};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::LiveRegistry;
use gatelet_core::session::{Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{KeyRing, SecretCustody};
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_edge::{CSRF_HEADER, Gate, Origin, front};
use gatelet_local::{
    Database, FileObjects, FileSecrets, FixedRegistry, SqliteQueue, SqliteRecords,
};
use http::{Request, StatusCode};
use tempfile::TempDir;
use tower::ServiceExt as _;
use url::Url;

/// How often each operation takes its turn. The median of the turns counts.
const TURNS: usize = 21;
/// How many requests a turn has.
const REQUESTS: usize = 60;

const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

const REGISTRY: &str = r#"
[roles.operator]
scopes = ["me", "runs:read", "runs:start"]
[providers.example]
kind = "oidc"
issuer = "https://idp.example"
client_id = "gatelet"
client_secret = "provider-example"
tenant_claim = "org"
[tenants.acme]
sign_in = [{ provider = "example", matches = ["acme"] }]
roles = [{ role = "operator" }]
"#;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (turns, requests) = if whole { (TURNS, REQUESTS) } else { (1, 2) };
    let (_folder, parts) = deployment().await;
    let cookie = session(&parts).await;
    let service = front(token::routes(), Gate::new(parts), Origin::Host);
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    ask(&service, &cookie).await;
    let (mut bare, mut whole_route) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        let began = processor_time();
        for _ in 0..requests {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"message", &mut signature).unwrap();
        }
        bare.push(each(began, requests));
        let began = processor_time();
        for _ in 0..requests {
            ask(&service, &cookie).await;
        }
        whole_route.push(each(began, requests));
    }
    let (bare, route) = (median(bare), median(whole_route));
    println!("| operation | took | beside the bare operation |");
    println!("|---|---|---|");
    println!("| bare RS256 signature, 2048 bits | {bare:.1} µs | 1 |");
    println!("| POST /auth/token, embedded store | {route:.1} µs | {:.3} |", route / bare);
}

async fn ask(service: &Router, cookie: &str) {
    let request = Request::post("/auth/token")
        .header("host", "gate.example")
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .header(CSRF_HEADER, "1")
        .body(Body::empty())
        .unwrap();
    let answer = service.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body = to_bytes(answer.into_body(), 64 * 1024).await.unwrap();
    assert!(body.starts_with(b"{"));
}

/// What the kernel's scheduler has counted for all threads of this process, which live to its end.
fn processor_time() -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let nanos = threads.filter_map(|thread| {
        let counted = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        counted.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

fn each(began: Duration, count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = count as f64;
    processor_time().saturating_sub(began).as_secs_f64() * 1e6 / count
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn session(parts: &Parts) -> String {
    let person = Person { issuer: "https://idp.example".into(), subject: "ada".into() };
    let facts = Facts {
        tenant_claim: Some("acme".into()),
        provider_session: Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0".into()),
        ..Facts::of("example", person)
    };
    let tenant = TenantId::new("acme").unwrap();
    let sign_in = SignIn { tenant, role: "operator".into(), facts };
    let sessions = Sessions::new(&*parts.records, &*parts.random);
    let (key, _) = sessions.begin(sign_in, None, NOW).await.unwrap();
    format!("__Host-bff_session={}", key.expose())
}

struct Nowhere;

#[async_trait]
impl Web for Nowhere {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        Err(Outage::harmless("call a server", "there is none"))
    }
}

/// A deployment in a scratch folder, which has its first key.
async fn deployment() -> (TempDir, Arc<Parts>) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("data");
    let database = Database::open(&at).unwrap();
    let secrets = Arc::new(FileSecrets::open(&at).unwrap());
    let random = Arc::new(SeededRandom::unseeded());
    let base_url = Url::parse("https://gate.example").unwrap();
    let vault = Arc::<FileSecrets>::clone(&secrets);
    let custody = Arc::new(SecretCustody::new(vault, Arc::<SeededRandom>::clone(&random)));
    let drawn = Arc::<SeededRandom>::clone(&random);
    let registry = Arc::new(FixedRegistry::new(REGISTRY.into()));
    let parts = Parts {
        records: Arc::new(SqliteRecords::new(database.clone())),
        secrets,
        signer: Arc::<SecretCustody>::clone(&custody),
        key_maker: custody,
        queue: Arc::new(SqliteQueue::new(database.clone())),
        objects: Arc::new(FileObjects::open(database, base_url.clone(), drawn).unwrap()),
        web: Arc::new(Nowhere),
        registry: LiveRegistry::new(registry, base_url.clone()),
        clock: Arc::new(ManualClock::at(NOW)),
        random,
        base_url,
        automations: Automations::default(),
        memory: Memory::default(),
    };
    let ring = KeyRing::new(&*parts.records, &*parts.random);
    ring.ensure(&*parts.key_maker, &*parts.signer, NOW).await.unwrap();
    (folder, Arc::new(parts))
}
