//! Measures what access tokens cost beside the bare RSA operation: issuing one against a signature, and checking one
//! for the first and for the second time against a verification. All in one run, in turns, in time of the processor.
//! `cargo xtask bench` runs it and prints the table.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what cannot be measured ends the benchmark"
)]

use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{LiveRegistry, Registry, own_audience};
use gatelet_core::revocation::{Announcement, Cut, Feed};
use gatelet_core::session::{ABSOLUTE, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{
    BROWSER_CLIENT, Holder, KeyRing, RememberedTokens, SecretCustody, Wish, check, issue,
};
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_local::{
    Database, FileObjects, FileSecrets, FixedRegistry, SqliteQueue, SqliteRecords,
};
use tempfile::TempDir;
use url::Url;

/// How often each operation takes its turn. The median of the turns counts.
const TURNS: usize = 21;
/// How many tokens are signed in a turn.
const TOKENS: usize = 60;
/// How often each of them is checked again.
const AGAIN: usize = 40;

/// How many other sessions have ended lately.
const ENDED: usize = 500;

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
    // A run that only asks whether the benchmark works, such as `cargo test --benches`, takes one short turn.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (turns, tokens) = if whole { (TURNS, TOKENS) } else { (1, 2) };
    let (_folder, mut parts) = deployment().await;
    let registry = parts.registry.current(NOW).await.unwrap();
    let bare = Bare::new();
    let mut costs: [Vec<f64>; 5] = Default::default();
    for _ in 0..turns {
        let took = turn(&mut parts, &registry, &bare, tokens).await;
        for (cost, took) in costs.iter_mut().zip(took) {
            cost.push(took);
        }
    }
    let [sign, verify, issued, first, again] = costs.map(median);
    println!("| operation | took | beside the bare operation |");
    println!("|---|---|---|");
    println!("| bare RS256 signature, 2048 bits | {sign:.1} µs | 1 |");
    println!("| issue an access token | {issued:.1} µs | {:.3} |", issued / sign);
    println!("| bare RS256 verification | {verify:.1} µs | 1 |");
    println!("| check a token for the first time | {first:.1} µs | {:.3} |", first / verify);
    println!("| check the same token again | {again:.2} µs | {:.3} |", again / verify);
}

/// One turn of each operation: what one of it took, in microseconds.
async fn turn(parts: &mut Parts, registry: &Registry, bare: &Bare, tokens: usize) -> [f64; 5] {
    let mut texts = Vec::with_capacity(tokens);
    let sign_in = sign_in();
    let holder = Holder {
        sign_in: &sign_in,
        session_id: "5f2b8c1e9d7a4063b1f0c2d3e4a59687",
        begun_at: NOW,
        ends_at: NOW + ABSOLUTE,
        client_id: BROWSER_CLIENT,
    };
    let began = Watch::start();
    for _ in 0..tokens {
        texts.push(issue(parts, registry, &holder, &Wish::default(), NOW).await.unwrap().text);
    }
    let issued = began.each(tokens);
    let inputs: Vec<&[u8]> =
        texts.iter().map(|text| text.rsplit_once('.').unwrap().0.as_bytes()).collect();

    let began = Watch::start();
    let signatures: Vec<Vec<u8>> = inputs.iter().map(|input| bare.sign(input)).collect();
    let signed = began.each(tokens);

    let began = Watch::start();
    for _ in 0..AGAIN {
        for (input, signature) in inputs.iter().zip(&signatures) {
            bare.verify(input, signature);
        }
    }
    let verified = began.each(tokens * AGAIN);

    let audience = own_audience(&parts.base_url);
    check(parts, &texts[0], &audience, NOW).await.unwrap();
    let began = Watch::start();
    for _ in 0..AGAIN {
        parts.memory.tokens = RememberedTokens::default();
        for text in &texts {
            black_box(check(parts, text, &audience, NOW).await.unwrap());
        }
    }
    let first = began.each(tokens * AGAIN);

    let began = Watch::start();
    for _ in 0..AGAIN {
        for text in &texts {
            black_box(check(parts, text, &audience, NOW).await.unwrap());
        }
    }
    let again = began.each(tokens * AGAIN);
    [signed, verified, issued, first, again]
}

/// The operations of the library, with a key that is parsed once.
struct Bare {
    pair: RsaKeyPair,
    public: ParsedPublicKey,
    random: SystemRandom,
}

impl Bare {
    fn new() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key()).unwrap();
        Self { pair, public, random: SystemRandom::new() }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).unwrap();
        signature
    }

    fn verify(&self, message: &[u8], signature: &[u8]) {
        self.public.verify_sig(black_box(message), black_box(signature)).unwrap();
    }
}

/// Measures the processor's time of this thread where the system tells it, else the time of the clock.
struct Watch {
    processor: Option<Duration>,
    clock: Instant,
}

impl Watch {
    fn start() -> Self {
        Self { processor: processor_time(), clock: Instant::now() }
    }

    fn each(&self, count: usize) -> f64 {
        let clock = self.clock.elapsed();
        let processor =
            processor_time().zip(self.processor).map(|(now, then)| now.saturating_sub(then));
        let took = processor.filter(|took| !took.is_zero()).unwrap_or(clock);
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let count = count as f64;
        took.as_secs_f64() * 1e6 / count
    }
}

/// What the kernel's scheduler has counted for this thread, in nanoseconds.
fn processor_time() -> Option<Duration> {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    counted.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn sign_in() -> SignIn {
    let person = Person { issuer: "https://idp.example".into(), subject: "ada".into() };
    let facts = Facts {
        tenant_claim: Some("acme".into()),
        provider_session: Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0".into()),
        auth_time: Some(NOW),
        amr: vec!["pwd".into(), "otp".into()],
        ..Facts::of("example", person)
    };
    SignIn { tenant: TenantId::new("acme").unwrap(), role: "operator".into(), facts }
}

struct Nowhere;

#[async_trait]
impl Web for Nowhere {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        Err(Outage::harmless("call a server", "there is none"))
    }
}

/// A deployment in a scratch folder, which has its first key.
async fn deployment() -> (TempDir, Parts) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("data");
    let database = Database::open(&at).unwrap();
    let secrets = Arc::new(FileSecrets::open(&at).unwrap());
    let random = Arc::new(SeededRandom::unseeded());
    let base_url = Url::parse("https://gate.example").unwrap();
    let drawn = Arc::<SeededRandom>::clone(&random);
    let custody = Arc::new(SecretCustody::new(
        Arc::<FileSecrets>::clone(&secrets),
        Arc::<SeededRandom>::clone(&random),
    ));
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
    // So that every check has something to look through.
    let feed = Feed::new(&*parts.records, &*parts.random);
    for other in 0..ENDED {
        let cut = Cut::Session(format!("session-{other}"));
        feed.announce(&Announcement::of(&cut, NOW), NOW).await.unwrap();
    }
    (folder, parts)
}
