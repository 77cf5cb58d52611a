//! A client without a cookie: its code, what it gets for it, and what it is refused.

use std::time::Duration;

use axum::http::header;
use gatelet_core::token::CODE_LIFE;
use serde_json::Value;

use crate::stage::{
    CLIENT, Held, NOW, REDIRECT, Stage, VERIFIER, claims, cookie, posted, redemption, renewal,
};

fn refused(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

// Proves std 59.
#[tokio::test]
async fn a_code_gives_an_access_token_and_a_refresh_token() {
    let stage = Stage::new().await;
    let code = stage.code("acme/ada", (None, None)).await;
    let answer = stage.redeem(&code).await.ok();
    assert_eq!(answer.headers.get(header::CONTENT_TYPE).unwrap(), "application/json");
    assert_eq!(answer.text("token_type"), "Bearer");
    assert_eq!(answer.text("scope"), "me runs.read runs.write");
    let expires_in = answer.json().get("expires_in").and_then(Value::as_u64).unwrap();
    assert!((800..=900).contains(&expires_in), "{expires_in}");
    let said = claims(&answer.text("access_token"));
    assert_eq!(said.get("client_id").unwrap(), CLIENT);
    assert_eq!(said.get("aud").unwrap(), "https://gate.example/api");
    let subject = said.get("sub").and_then(Value::as_str).unwrap();
    assert!(subject.starts_with("p-"), "made of issuer and subject, and no client's id: {subject}");
    assert!(stage.is_good(&answer.text("access_token")).await);
}

// Proves L 35.
#[tokio::test]
async fn a_code_that_is_redeemed_twice_takes_back_what_came_of_it() {
    let stage = Stage::new().await;
    let code = stage.code("acme/ada", (None, None)).await;
    let held = Held::of(&stage.redeem(&code).await.ok());
    assert!(stage.is_good(&held.access).await);
    assert_eq!(stage.redeem(&code).await.error(), refused("invalid_grant"));
    assert_eq!(stage.refresh(&held.refresh).await.error(), refused("invalid_grant"));
    assert!(!stage.is_good(&held.access).await, "the feed tells every verifier");
    assert_eq!(stage.told("code.reuse").await, ["ok"]);
}

#[tokio::test]
async fn a_code_without_what_belongs_to_it_is_refused_and_gone() {
    let other_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl";
    let changes = [
        ("code_verifier", other_verifier),
        ("code_verifier", "short"),
        ("redirect_uri", "http://127.0.0.1:4712/callback"),
        ("client_id", "desktop"),
    ];
    for (name, value) in changes {
        let stage = Stage::new().await;
        let code = stage.code("acme/ada", (None, None)).await;
        let mut form = redemption(&code);
        form.iter_mut().filter(|(given, _)| *given == name).for_each(|pair| pair.1 = value);
        let answer = stage.post("/auth/token", &form).await;
        assert_eq!(answer.error(), refused("invalid_grant"), "{name}={value}");
        assert_eq!(stage.redeem(&code).await.error(), refused("invalid_grant"), "it was found");
    }
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let stage = Stage::new().await;
    let [in_time, late] =
        [stage.code("acme/ada", (None, None)).await, stage.code("acme/ada", (None, None)).await];
    stage.clock.set((NOW + CODE_LIFE).before(Duration::from_millis(1)));
    stage.redeem(&in_time).await.ok();
    stage.clock.set(NOW + CODE_LIFE);
    assert_eq!(stage.redeem(&late).await.error(), refused("invalid_grant"));
}

#[tokio::test]
async fn what_is_missing_or_unknown_has_the_error_of_the_standard() {
    let stage = Stage::new().await;
    let grant = ("grant_type", "authorization_code");
    let client = ("client_id", CLIENT);
    let answers = [
        (vec![client], 400, "invalid_request"),
        (vec![grant], 401, "invalid_client"),
        (vec![grant, ("client_id", "stranger")], 401, "invalid_client"),
        (vec![grant, ("client_id", "browser")], 401, "invalid_client"),
        (vec![grant, client], 400, "invalid_request"),
        (vec![grant, client, ("code", "c"), ("redirect_uri", REDIRECT)], 400, "invalid_request"),
        (vec![grant, client, ("code", "c"), ("code_verifier", VERIFIER)], 400, "invalid_request"),
        (vec![grant, client, ("client_secret", "s")], 401, "invalid_client"),
        (vec![("grant_type", "refresh_token"), client], 400, "invalid_request"),
        (vec![("grant_type", "password"), client], 400, "unsupported_grant_type"),
        (vec![("grant_type", "client_credentials"), client], 400, "unsupported_grant_type"),
        (vec![("scope", "me")], 400, "invalid_request"),
        (vec![grant, grant, client], 400, "invalid_request"),
    ];
    for (form, status, error) in answers {
        let answer = stage.post("/auth/token", &form).await;
        assert_eq!(answer.error(), (status, error.to_owned()), "{form:?}");
    }
    let code = stage.code("acme/ada", (None, None)).await;
    let basic = [("authorization", "Basic Y2xpOg==")];
    let answer = stage.send(posted("/auth/token", &redemption(&code), &basic)).await;
    assert_eq!(answer.error(), (401, "invalid_client".into()), "a public client proves nothing");
    stage.redeem(&code).await.ok();
}

// Proves L 35.
#[tokio::test]
async fn a_refresh_token_is_good_for_its_own_client_alone() {
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let without = [("grant_type", "refresh_token"), ("refresh_token", held.refresh.as_str())];
    let answer = stage.post("/auth/token", &without).await;
    assert_eq!(answer.error(), (401, "invalid_client".into()));
    let mut other = renewal(&held.refresh);
    other[1].1 = "desktop";
    assert_eq!(stage.post("/auth/token", &other).await.error(), refused("invalid_grant"));
    stage.refresh(&held.refresh).await.ok();
}

// Proves std 64, 70; L 35.
#[tokio::test]
async fn the_grant_says_what_the_tokens_are_for_and_no_request_widens_it() {
    let stage = Stage::new().await;
    let orders = "https://orders.example.com";
    let code = stage.code("acme/ada", (Some("orders.read runs.write"), Some(orders))).await;
    let first = stage.redeem(&code).await.ok();
    assert_eq!(first.text("scope"), "orders.read", "what the API knows of what was granted");
    assert_eq!(claims(&first.text("access_token")).get("aud").unwrap(), orders);

    let refresh = first.text("refresh_token");
    let with = async |name, value| {
        let mut form = renewal(&refresh).to_vec();
        form.push((name, value));
        stage.post("/auth/token", &form).await
    };
    for resource in [
        "https://gate.example/api",
        "https://unknown.example",
        "orders",
        "https://orders.example.com#a",
    ] {
        assert_eq!(with("resource", resource).await.error(), refused("invalid_target"));
    }
    for scope in ["me", "orders.read me", "nonsense", "orders.read  orders.read"] {
        assert_eq!(with("scope", scope).await.error(), refused("invalid_scope"), "{scope}");
    }
    with("resource", orders).await.ok();
}

// Proves std 58, 70.
#[tokio::test]
async fn a_narrower_token_is_not_a_narrower_grant() {
    let stage = Stage::new().await;
    let code = stage.code("acme/ada", (Some("me runs.read"), None)).await;
    let first = stage.redeem(&code).await.ok();
    assert_eq!(first.text("scope"), "me runs.read");
    let refresh = first.text("refresh_token");
    let mut form = renewal(&refresh).to_vec();
    form.push(("scope", "me"));
    let narrow = stage.post("/auth/token", &form).await.ok();
    assert_eq!(narrow.text("scope"), "me");
    let again = stage.refresh(&narrow.text("refresh_token")).await.ok();
    assert_eq!(again.text("scope"), "me runs.read", "the grant is as wide as it was");
}

#[tokio::test]
async fn a_request_with_a_cookie_never_gets_a_refresh_token() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let code = stage.code("acme/ada", (None, None)).await;
    let cookie = cookie(&key);
    for headers in [
        &[("cookie", &*cookie)][..],
        &[("cookie", &*cookie), ("x-gatelet-csrf", "1"), ("sec-fetch-site", "same-origin")],
        &[("cookie", "__Host-bff_session=planted")],
        &[("cookie", "a=1,__Host-bff_session=planted")],
    ] {
        let answer = stage.send(posted("/auth/token", &redemption(&code), headers)).await;
        assert_eq!(answer.error(), refused("invalid_request"));
        assert!(!answer.body.contains("refresh_token\""));
    }
    stage.redeem(&code).await.ok();
}

// Proves std 65.
#[tokio::test]
async fn the_metadata_describes_what_is_there() {
    let stage = Stage::new().await;
    let path = "/.well-known/oauth-authorization-server";
    let request = axum::http::Request::get(path).header(header::HOST, "gate.example");
    let answer = stage.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.headers.get(header::CACHE_CONTROL).unwrap(), "public, max-age=300");
    let metadata = answer.json();
    let issuer = answer.text("issuer");
    assert_eq!(issuer, "https://gate.example");
    let held = stage.client("acme/ada").await;
    assert_eq!(claims(&held.access).get("iss").unwrap(), issuer.as_str());
    let list = |member: &str| metadata.get(member).unwrap().clone();
    assert_eq!(list("response_types_supported"), serde_json::json!(["code"]));
    assert_eq!(list("code_challenge_methods_supported"), serde_json::json!(["S256"]));
    assert_eq!(list("scopes_supported"), serde_json::json!(["me", "runs.read", "runs.write"]));
    assert_eq!(list("authorization_response_iss_parameter_supported"), true);
    let declared = token::routes().and(revoke::routes()).and(login::routes());
    for member in ["token_endpoint", "revocation_endpoint", "jwks_uri"] {
        let path = answer.text(member).strip_prefix(&issuer).unwrap().to_owned();
        assert!(declared.declared().iter().any(|route| route.path == path), "{member}: {path}");
    }
}
