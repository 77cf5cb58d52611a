//! The front and the proof of sign-in, as a stranger, an attacker and a person meet them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod parts;
mod problems;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::session::{IDLE, SessionKey, Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_edge::{CSRF_HEADER, Gate, Method, Origin, Problem, Routes, SignedIn, front};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use serde_json::Value;
use tower::ServiceExt as _;

use self::parts::{NOW, TestParts};

fn routes() -> Routes {
    Routes::new()
        .public("open", (Method::Get, "/open"), async || "open")
        .public("store", (Method::Put, "/store"), async |body: String| body.len().to_string())
        .session("mine", (Method::Get, "/mine/{id}"), async |SignedIn(session)| session.id)
        .public("broken", (Method::Get, "/broken"), async || Err::<(), _>(Problem::Internal))
}

fn service(parts: &TestParts) -> Router {
    front(routes(), Gate::new(Arc::clone(&parts.parts)), Origin::Host)
}

async fn send(service: Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let (head, body) = service.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status, head.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

fn get(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, "gate.example");
    headers.iter().fold(request, |r, (k, v)| r.header(*k, *v)).body(Body::empty()).unwrap()
}

async fn code(service: Router, request: Request<Body>) -> (u16, String) {
    let (status, headers, body) = send(service, request).await;
    assert_eq!(headers.get(header::CONTENT_TYPE).unwrap(), "application/problem+json", "{body}");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem.get("status").unwrap(), status.as_u16());
    (status.as_u16(), problem.get("code").unwrap().as_str().unwrap().to_owned())
}

async fn ada(parts: &TestParts) -> SessionKey {
    let sign_in = SignIn {
        tenant: TenantId::new("acme").unwrap(),
        role: "viewer".into(),
        facts: Facts::of(
            "example",
            Person { issuer: "https://idp.example".into(), subject: "ada".into() },
        ),
    };
    Sessions::new(&*parts.records, &*parts.random).begin(sign_in, None, NOW).await.unwrap().0
}

fn cookie(key: &SessionKey) -> String {
    format!("__Host-bff_session={}", key.expose())
}

// Proves std 39, 116.
#[tokio::test]
async fn every_answer_has_the_security_headers_and_every_error_is_a_problem() {
    let parts = TestParts::new();
    let (status, headers, _) = send(service(&parts), get("/open", &[])).await;
    assert_eq!(status, StatusCode::OK);
    for (name, value) in [
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("strict-transport-security", "max-age=63072000"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(headers.get(name).unwrap(), value, "{name}");
    }
    let answers = [
        (get("/nowhere", &[]), 404, "not_found"),
        (get("/mine/1", &[]), 401, "sign_in_required"),
        (get("/broken", &[]), 500, "internal"),
        (get("/open/../mine/1", &[]), 400, "bad_path"),
        (get("//open", &[]), 400, "bad_path"),
    ];
    for (request, status, expected) in answers {
        assert_eq!(code(service(&parts), request).await, (status, expected.to_owned()));
    }
    let post = Request::post("/open").header("host", "gate.example").body(Body::empty()).unwrap();
    let (status, headers, _) = send(service(&parts), post).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(headers.contains_key(header::ALLOW));
    let long = Request::put("/store").header("host", "gate.example");
    let long = long.body(Body::from(vec![b'x'; 64 * 1024 + 1])).unwrap();
    assert_eq!(code(service(&parts), long).await, (413, "too_large".into()));
}

// Proves std 93; L 18, 30, 34.
#[tokio::test]
async fn only_our_own_host_is_answered_for() {
    let parts = TestParts::new();
    for host in ["evil.example", "gate.example.evil", "gate.example:8443", "", "gate.example, x"] {
        let request = Request::get("/open").header(header::HOST, host).body(Body::empty()).unwrap();
        assert_eq!(code(service(&parts), request).await, (421, "other_host".into()), "{host}");
    }
    let twice = get("/open", &[("host", "evil.example")]);
    assert_eq!(code(service(&parts), twice).await.0, 421, "two hosts");
    let capitals = Request::get("/open").header("host", "GATE.example").body(Body::empty());
    assert_eq!(send(service(&parts), capitals.unwrap()).await.0, StatusCode::OK);
    let forwarded = [
        ("x-forwarded-host", "gate.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=gate.example;proto=https"),
        ("x-original-url", "/open"),
    ];
    let mut request = get("/mine/1", &forwarded);
    request.headers_mut().insert(header::HOST, "evil.example".parse().unwrap());
    assert_eq!(code(service(&parts), request).await.0, 421, "nothing forwarded is believed");
}

// Proves std 93.
#[tokio::test]
async fn an_app_behind_front_door_answers_to_its_id_alone() {
    let parts = TestParts::new();
    let origin = Origin::FrontDoor("the-id".into());
    let service = || front(routes(), Gate::new(Arc::clone(&parts.parts)), origin.clone());
    for headers in [&[][..], &[("x-azure-fdid", "another")], &[("x-azure-fdid", "the-id2")]] {
        let answer = code(service(), get("/open", headers)).await;
        assert_eq!(answer, (403, "not_through_front".into()));
    }
    let (status, ..) = send(service(), get("/open", &[("x-azure-fdid", "the-id")])).await;
    assert_eq!(status, StatusCode::OK);
}

// Proves std 44, 45, 46, 47.
#[tokio::test]
async fn a_session_proves_itself_only_from_our_own_page() {
    let parts = TestParts::new();
    let key = ada(&parts).await;
    let cookie = cookie(&key);
    let ours = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")];
    assert_eq!(send(service(&parts), get("/mine/1", &ours)).await.0, StatusCode::OK);

    let without = [("cookie", &*cookie), ("sec-fetch-site", "same-origin")];
    let crossed = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "cross-site")];
    for headers in [&without[..], &crossed[..]] {
        let answer = code(service(&parts), get("/mine/1", headers)).await;
        assert_eq!(answer, (403, "not_from_our_page".into()));
    }
    let mut with_token = ours.to_vec();
    with_token.push(("authorization", "Bearer nonsense"));
    let answer = code(service(&parts), get("/mine/1", &with_token)).await;
    assert_eq!(answer, (401, "sign_in_required".into()), "the cookie rescues no token");
    let tossed = format!("{cookie}; {cookie}");
    let headers = [("cookie", &*tossed), (CSRF_HEADER, "1")];
    assert_eq!(code(service(&parts), get("/mine/1", &headers)).await.0, 401, "a planted twin");
}

// Proves std 37, 40; L 15.
#[tokio::test]
async fn a_session_is_over_at_its_idle_end() {
    let parts = TestParts::new();
    let cookie = cookie(&ada(&parts).await);
    let ours = [("cookie", &*cookie), (CSRF_HEADER, "1")];
    parts.clock.set((NOW + IDLE).before(std::time::Duration::from_millis(1)));
    assert_eq!(send(service(&parts), get("/mine/1", &ours)).await.0, StatusCode::OK);
    parts.clock.set(NOW + IDLE);
    assert_eq!(code(service(&parts), get("/mine/1", &ours)).await.0, 401);
}

// Proves L 5.
#[tokio::test]
async fn an_outage_is_never_taken_for_no_session() {
    let parts = TestParts::new();
    let cookie = cookie(&ada(&parts).await);
    parts.records.fail();
    let ours = [("cookie", &*cookie), (CSRF_HEADER, "1")];
    let (status, headers, body) = send(service(&parts), get("/mine/1", &ours)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key(header::RETRY_AFTER));
    assert!(!headers.contains_key(header::SET_COOKIE), "no cookie is cleared");
    assert!(!body.contains("played"), "what happened inside stays inside: {body}");
}

#[tokio::test]
async fn a_problem_names_the_callers_trace() {
    let parts = TestParts::new();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let header = format!("00-{trace}-b7ad6b7169203331-01");
    let (_, _, body) = send(service(&parts), get("/nowhere", &[("traceparent", &header)])).await;
    assert!(body.contains(trace), "{body}");
}

proptest! {
    /// Whatever a stranger sends as cookie or trace, nobody is let in and nothing breaks.
    #[test]
    fn strangers_bytes_let_nobody_in(cookie in "[ -~]{0,200}", trace in "[ -~]{0,80}", site in "[ -~]{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let headers = [
                ("cookie", &*cookie), ("traceparent", &*trace),
                (CSRF_HEADER, "1"), ("sec-fetch-site", &*site),
            ];
            let (status, _) = code(service(&TestParts::new()), get("/mine/1", &headers)).await;
            assert!(matches!(status, 401 | 403), "{status}");
        });
    }

    /// A path is answered by its route in its one form, and by a problem in every other.
    // Proves std 92; L 20, 21, 29, 31.
    #[test]
    fn no_spelling_of_a_path_slips_through(before in "[/.;%\\\\a-f0-9#]{0,6}", after in "[/.;%\\\\a-f0-9#]{0,6}") {
        let path = format!("/{before}mine/1{after}");
        let Ok(uri) = path.parse::<http::Uri>() else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut request = get("/", &[]);
            *request.uri_mut() = uri;
            let (status, _) = code(service(&TestParts::new()), request).await;
            assert!(matches!(status, 400 | 401 | 404), "{path}: {status}");
        });
    }
}
