//! The routes of the API, as callers with tokens, with cookies, with neither and with bad intentions meet them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod parts;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::registry::own_audience;
use gatelet_core::revocation::{Cut, Cuts};
use gatelet_core::session::{Session, SessionKey, Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{BROWSER_CLIENT, Holder, KeyRing, Wish, issue};
use gatelet_edge::{CSRF_HEADER, Caller, Gate, Method, Origin, Routes, Scope, front};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use tower::ServiceExt as _;

use self::parts::{NOW, TestParts};

struct Read;
impl Scope for Read {
    const NAME: &'static str = "things:read";
}

struct Write;
impl Scope for Write {
    const NAME: &'static str = "things:write";
}

fn service(parts: &TestParts) -> Router {
    let routes = Routes::new()
        .api::<Read, _, _>("read", (Method::Get, "/api/things"), async |caller: Caller<Read>| {
            caller.session_id.clone()
        })
        .api::<Write, _, _>("write", (Method::Post, "/api/things"), async |_: Caller<Write>| {});
    front(routes, Gate::new(Arc::clone(&parts.parts)), Origin::Host)
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// The status, and what `WWW-Authenticate` says.
    fn challenge(&self) -> (u16, &str) {
        let header = self.headers.get(header::WWW_AUTHENTICATE);
        (self.status, header.map_or("", |value| value.to_str().unwrap()))
    }
}

async fn send(parts: &TestParts, request: Request<Body>) -> Answer {
    let (head, body) = service(parts).oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

async fn get(parts: &TestParts, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::get(path).header(header::HOST, "gate.example");
    let request = headers.iter().fold(request, |r, (k, v)| r.header(*k, *v));
    send(parts, request.body(Body::empty()).unwrap()).await
}

/// Someone of the tenant, who is in these groups, and her session.
async fn signed_in(parts: &TestParts, groups: &[&str]) -> (SessionKey, Session) {
    let person = Person { issuer: "https://idp.example".into(), subject: "ada".into() };
    let facts = Facts {
        tenant_claim: Some("acme".into()),
        groups: groups.iter().map(|group| (*group).into()).collect(),
        ..Facts::of("example", person)
    };
    let sign_in = SignIn { tenant: TenantId::new("acme").unwrap(), role: "reader".into(), facts };
    Sessions::new(&*parts.records, &*parts.random).begin(sign_in, None, NOW).await.unwrap()
}

/// The `Authorization` header with a token for that session.
async fn bearer(parts: &TestParts, session: &Session) -> String {
    let ring = KeyRing::new(&*parts.records, &*parts.random);
    ring.ensure(&*parts.parts.key_maker, &*parts.parts.signer, NOW).await.unwrap();
    let registry = parts.parts.registry.current(NOW).await.unwrap();
    let holder = Holder {
        sign_in: &session.sign_in,
        session_id: &session.id,
        begun_at: session.begun_at,
        ends_at: session.ends_at,
        client_id: BROWSER_CLIENT,
    };
    let audience = own_audience(&parts.parts.base_url);
    let wish = Wish { audience: Some(&audience), scope: None };
    let token = issue(&parts.parts, &registry, &holder, &wish, NOW).await.unwrap();
    format!("Bearer {}", token.text.as_str())
}

fn cookie(key: &SessionKey) -> String {
    format!("__Host-bff_session={}", key.expose())
}

const INVALID: (u16, &str) = (401, r#"Bearer error="invalid_token""#);
const NOBODY: (u16, &str) = (401, "Bearer");

// Proves std 85; L 12.
#[tokio::test]
async fn a_caller_without_a_token_is_asked_for_one_and_told_of_no_error() {
    let parts = TestParts::new();
    let answer = get(&parts, "/api/things", &[]).await;
    assert_eq!(answer.challenge(), NOBODY);
    assert!(answer.body.contains("sign_in_required"), "{}", answer.body);
    assert!(!answer.headers.contains_key(header::LOCATION), "an API call is not sent anywhere");
    for other in ["Basic YWRhOnB3", "DPoP abc", "Bearer", "bearer", ""] {
        let answer = get(&parts, "/api/things", &[("authorization", other)]).await;
        assert_eq!(answer.challenge(), NOBODY, "{other:?}");
    }
}

// Proves std 87.
#[tokio::test]
async fn a_token_is_taken_from_the_authorization_header_and_from_nowhere_else() {
    let parts = TestParts::new();
    let (_, session) = signed_in(&parts, &[]).await;
    let token = bearer(&parts, &session).await;
    let good = get(&parts, "/api/things", &[("authorization", &token)]).await;
    assert_eq!((good.status, good.body), (200, session.id.clone()));
    let spelled = token.replace("Bearer", "bEARER");
    assert_eq!(get(&parts, "/api/things", &[("authorization", &spelled)]).await.status, 200);

    let text = token.trim_start_matches("Bearer ");
    let query = format!("/api/things?access_token={text}");
    assert_eq!(get(&parts, &query, &[]).await.challenge(), NOBODY);
    for name in ["x-access-token", "x-authorization", "x-forwarded-authorization", "token"] {
        assert_eq!(get(&parts, "/api/things", &[(name, &token)]).await.challenge(), NOBODY);
    }
    let planted = format!("access_token={text}; __Host-bff_session={text}");
    let headers = [("cookie", &*planted), (CSRF_HEADER, "1")];
    assert_eq!(get(&parts, "/api/things", &headers).await.challenge(), NOBODY);
    let twice = [("authorization", &*token), ("authorization", "Bearer x")];
    assert_eq!(get(&parts, "/api/things", &twice).await.challenge(), INVALID, "two are none");
}

#[tokio::test]
async fn a_bad_token_is_never_rescued_by_a_good_cookie() {
    let parts = TestParts::new();
    let (key, session) = signed_in(&parts, &[]).await;
    let good = bearer(&parts, &session).await;
    let cookie = cookie(&key);
    let ours = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")];
    assert_eq!(get(&parts, "/api/things", &ours).await.status, 200, "the cookie alone is good");
    let cut_short = &good[..good.len() - 2];
    for bad in ["Bearer x", "Bearer  ", cut_short, "Basic YWRhOnB3"] {
        let mut headers = ours.to_vec();
        headers.push(("authorization", bad));
        let answer = get(&parts, "/api/things", &headers).await;
        assert_eq!(answer.status, 401, "{bad}");
    }
}

// Proves std 85.
#[tokio::test]
async fn a_caller_without_the_scope_is_told_which_one_is_missing() {
    let parts = TestParts::new();
    let (key, reader) = signed_in(&parts, &[]).await;
    let (token, cookie) = (bearer(&parts, &reader).await, cookie(&key));
    let by_token = Request::post("/api/things").header("authorization", &token);
    let by_cookie = Request::post("/api/things").header("cookie", &cookie).header(CSRF_HEADER, "1");
    for request in [by_token, by_cookie] {
        let request = request.header(header::HOST, "gate.example").body(Body::empty());
        let answer = send(&parts, request.unwrap()).await;
        let expected = r#"Bearer error="insufficient_scope", scope="things:write""#;
        assert_eq!(answer.challenge(), (403, expected));
    }
    let (_, writer) = signed_in(&parts, &["writers"]).await;
    let token = bearer(&parts, &writer).await;
    let request = Request::post("/api/things").header("authorization", &token);
    let request = request.header(header::HOST, "gate.example").body(Body::empty());
    assert_eq!(send(&parts, request.unwrap()).await.status, 200, "who has it may");
}

// Proves std 44.
#[tokio::test]
async fn the_cookie_counts_only_when_our_own_page_sent_it() {
    let parts = TestParts::new();
    let (key, _) = signed_in(&parts, &[]).await;
    let cookie = cookie(&key);
    let bare = [("cookie", &*cookie)];
    let crossed = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "cross-site")];
    let sibling = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-site")];
    for headers in [&bare[..], &crossed[..], &sibling[..]] {
        let answer = get(&parts, "/api/things", headers).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("not_from_our_page"), "{}", answer.body);
    }
}

#[tokio::test]
async fn with_the_cookie_the_end_of_a_session_is_felt_at_once_and_with_a_token_within_seconds() {
    let parts = TestParts::new();
    let (key, session) = signed_in(&parts, &[]).await;
    let (token, cookie) = (bearer(&parts, &session).await, cookie(&key));
    let by_cookie = [("cookie", &*cookie), (CSRF_HEADER, "1")];
    let by_token = [("authorization", &*token)];
    assert_eq!(get(&parts, "/api/things", &by_cookie).await.status, 200);
    assert_eq!(get(&parts, "/api/things", &by_token).await.status, 200);
    Sessions::new(&*parts.records, &*parts.random).end(&key, NOW).await.unwrap();
    assert_eq!(get(&parts, "/api/things", &by_cookie).await.challenge(), NOBODY);
    parts.clock.advance(Duration::from_millis(5_001));
    assert_eq!(get(&parts, "/api/things", &by_token).await.challenge(), INVALID);
}

#[tokio::test]
async fn a_person_who_would_not_be_let_in_any_more_has_no_use_for_the_cookie() {
    let parts = TestParts::new();
    let person = Person { issuer: "https://idp.example".into(), subject: "eve".into() };
    let facts = Facts { tenant_claim: Some("other".into()), ..Facts::of("example", person) };
    let sign_in = SignIn { tenant: TenantId::new("acme").unwrap(), role: "reader".into(), facts };
    let sessions = Sessions::new(&*parts.records, &*parts.random);
    let (key, _) = sessions.begin(sign_in, None, NOW).await.unwrap();
    let cookie = cookie(&key);
    let answer = get(&parts, "/api/things", &[("cookie", &*cookie), (CSRF_HEADER, "1")]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("not_admitted"), "{}", answer.body);
}

#[tokio::test]
async fn an_outage_is_neither_a_refusal_nor_a_welcome() {
    let parts = TestParts::new();
    let (key, session) = signed_in(&parts, &[]).await;
    let (token, cookie) = (bearer(&parts, &session).await, cookie(&key));
    let tenant = TenantId::new("acme").unwrap();
    Cuts::new(&*parts.records, &*parts.random).cut(&Cut::Tenant(tenant), NOW).await.unwrap();
    parts.records.fail();
    let by_cookie = [("cookie", &*cookie), (CSRF_HEADER, "1")];
    for headers in [&[("authorization", &*token)][..], &by_cookie[..]] {
        let answer = get(&parts, "/api/things", headers).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE.as_u16());
        assert!(answer.headers.contains_key(header::RETRY_AFTER));
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "no cookie is cleared");
        assert!(!answer.headers.contains_key(header::WWW_AUTHENTICATE), "nobody signs in for it");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a stranger sends as credentials, nobody is let in and nothing breaks.
    #[test]
    fn strangers_bytes_let_nobody_in(credential in "[ -~]{0,120}", scheme in "(Bearer |bearer  |)") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let value = format!("{scheme}{credential}");
            let answer = get(&TestParts::new(), "/api/things", &[("authorization", &value)]).await;
            assert_eq!(answer.status, 401, "{value}");
        });
    }
}
