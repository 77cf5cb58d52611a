//! Who may call which route: the committed table is what is declared, and what is declared is what happens.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::LiveRegistry;
use gatelet_core::session::{SessionKey, Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{BROWSER_CLIENT, Holder, KeyRing, SecretCustody, Wish, issue};
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_edge::{CSRF_HEADER, Gate, Origin, Policy, Route, front};
use gatelet_local::{
    Database, FileObjects, FileSecrets, FixedRegistry, SqliteQueue, SqliteRecords, pocket,
};
use gatelet_tests::{matrix, project};
use http::{Request, Response, StatusCode, header, request};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;
use url::Url;

const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

struct Nowhere;

#[async_trait]
impl Web for Nowhere {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        Err(Outage::harmless("call a server", "there is none"))
    }
}

/// One machine's gateway in a scratch folder, which has its first key.
async fn gateway() -> (TempDir, Arc<Parts>) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("data");
    let database = Database::open(&at).unwrap();
    let secrets = Arc::new(FileSecrets::open(&at).unwrap());
    let random = Arc::new(SeededRandom::new(11));
    let base_url = Url::parse(matrix::GATEWAY).unwrap();
    let drawn = Arc::<SeededRandom>::clone(&random);
    let vault = Arc::<FileSecrets>::clone(&secrets);
    let custody = Arc::new(SecretCustody::new(vault, Arc::<SeededRandom>::clone(&random)));
    let registry = Arc::new(FixedRegistry::new(pocket::registry(&base_url, 8788)));
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

async fn send(parts: &Arc<Parts>, request: request::Builder) -> Response<Body> {
    let request = request.header(header::HOST, "localhost:8787").body(Body::empty()).unwrap();
    let service = front(all::routes(), Gate::new(Arc::clone(parts)), Origin::Host);
    service.oneshot(request).await.unwrap()
}

async fn status(parts: &Arc<Parts>, route: &Route, headers: &[(&str, &str)]) -> StatusCode {
    // Whatever a route makes of this value, it asks first who calls.
    let path = route.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    let request = Request::builder().method(route.method.name()).uri(path);
    send(parts, headers.iter().fold(request, |r, (k, v)| r.header(*k, *v))).await.status()
}

#[test]
fn the_committed_table_is_what_the_code_says() {
    let found = fs::read_to_string(project().join(matrix::PATH)).unwrap_or_default();
    assert_eq!(found, matrix::table(), "{}: `cargo xtask bless` writes it", matrix::PATH);
}

// Proves L 38.
#[tokio::test]
async fn without_token_and_cookie_every_route_answers_401_but_those_that_are_listed_as_public() {
    let (_folder, parts) = gateway().await;
    let listed = public_in_the_table();
    let mut public = BTreeSet::new();
    for route in all::routes().declared() {
        let name = format!("{} {}", route.method.name(), route.path);
        if listed.contains(&name) {
            public.insert(name);
        } else {
            assert_eq!(status(&parts, route, &[]).await, StatusCode::UNAUTHORIZED, "{name}");
        }
    }
    assert_eq!(public, listed, "and none is listed that is not there");
}

// Proves L 40, 65.
#[tokio::test]
async fn each_role_may_call_what_the_table_says_and_nothing_else() {
    let (_folder, parts) = gateway().await;
    let registry = matrix::local_registry();
    let mut welcome = 0;
    for role in registry.roles.keys() {
        let (cookie, bearer) = credentials(&parts, role).await;
        let by_cookie = [("cookie", &*cookie), (CSRF_HEADER, "1")];
        for route in all::routes().declared().iter().filter(|r| r.policy != Policy::Public) {
            let expected = matrix::may_call(route, Some(role), &registry);
            let mut answers = vec![status(&parts, route, &by_cookie).await];
            if matches!(route.policy, Policy::Api { .. }) {
                answers.push(status(&parts, route, &[("authorization", &bearer)]).await);
            }
            for answer in answers {
                let may = !matches!(answer, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
                assert_eq!(
                    may,
                    expected,
                    "{role} at {} {}: {answer}",
                    route.method.name(),
                    route.path
                );
                welcome += usize::from(may);
            }
        }
    }
    assert!(welcome >= registry.roles.len(), "a table without a single yes proves nothing");
}

// Proves L 33.
#[tokio::test]
async fn who_asks_who_they_are_is_told_what_is_listed_here_and_no_token() {
    let (_folder, parts) = gateway().await;
    let (cookie, bearer) = credentials(&parts, "editor").await;
    let by_token = Request::get("/api/me").header("authorization", &bearer);
    let by_cookie = Request::get("/api/me").header("cookie", &cookie).header(CSRF_HEADER, "1");
    for request in [by_token, by_cookie] {
        let response = send(&parts, request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let body = axum::body::to_bytes(response.into_body(), 64 * 1024).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let members: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        let names: Vec<&str> = members.keys().map(String::as_str).collect();
        let listed = [
            "acr",
            "amr",
            "auth_time",
            "client_id",
            "expires_at",
            "role",
            "scopes",
            "session_id",
            "subject",
            "tenant",
        ];
        assert_eq!(names, listed);
        assert_eq!(members.get("tenant"), Some(&"acme".into()));
        assert_eq!(members.get("role"), Some(&"editor".into()));
        for secret in [&bearer, &cookie] {
            let (_, secret) = secret.split_once([' ', '=']).unwrap();
            assert!(!text.contains(secret), "{text}");
        }
    }
}

/// The routes that the committed table calls public. Whoever makes another one public changes that file.
fn public_in_the_table() -> BTreeSet<String> {
    let table = fs::read_to_string(project().join(matrix::PATH)).unwrap();
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (route, policy) = (cells.next()?, cells.next()?);
        (policy == "public").then(|| route.trim_matches('`').to_owned())
    });
    rows.collect()
}

/// The cookie of somebody of this role, and the `Authorization` header with a token for that session.
async fn credentials(parts: &Parts, role: &str) -> (String, String) {
    let registry = parts.registry.current(NOW).await.unwrap();
    let tenant = TenantId::new("acme").unwrap();
    let rules = &registry.tenants.get(&tenant).unwrap().roles;
    let fitting = rules.iter().find(|one| one.role == role).unwrap();
    let person = Person {
        issuer: registry.providers.get("pocket").unwrap().issuer.clone(),
        subject: format!("somebody-{role}"),
    };
    let facts = Facts {
        tenant_claim: Some("acme".into()),
        groups: fitting.groups.clone().unwrap_or_default(),
        ..Facts::of("pocket", person)
    };
    let sign_in = SignIn { tenant, role: role.into(), facts };
    let sessions = Sessions::new(&*parts.records, &*parts.random);
    let (key, session): (SessionKey, _) = sessions.begin(sign_in, None, NOW).await.unwrap();
    let holder = Holder {
        sign_in: &session.sign_in,
        session_id: &session.id,
        begun_at: session.begun_at,
        ends_at: session.ends_at,
        client_id: BROWSER_CLIENT,
    };
    let token = issue(parts, &registry, &holder, &Wish::default(), NOW).await.unwrap();
    (format!("bff_session={}", key.expose()), format!("Bearer {}", token.text.as_str()))
}
