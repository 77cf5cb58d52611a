//! Tokens of another kind, audience, tenant or client, and secrets that only look like others.

use std::fs;
use std::marker::PhantomData;

use gatelet_core::secrets::{Secret, SecretBytes};
use gatelet_core::session::SessionKey;
use gatelet_core::token::{AccessToken, Code, Tokens};
use gatelet_played::{Ask, Gateway, Who};
use gatelet_tests::{listed, project};

async fn me(gateway: &Gateway, token: &str) -> u16 {
    gateway.send(&Ask::bare("GET", "/api/me").bearer(token)).await.status
}

// Proves std 57, 61, 78, 80; L 33.
#[tokio::test]
async fn nothing_but_an_access_token_for_this_api_is_one() {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let ours = gateway.token(&cookie).await;
    assert_eq!(me(&gateway, &ours).await, 200);

    let form = [("resource", "https://reports.example")];
    let answer = gateway.send(&Ask::page_form("/auth/token", &form).cookie(&cookie)).await;
    let of_reports = answer.text("access_token").unwrap();
    let code = gateway.client_code(Who::ADA).await;
    let (_, refresh) = gateway.client_tokens(Who::ADA).await;
    let pending = gateway.send(&Ask::navigate("/auth/login/one")).await;
    let sealed = pending.cookie().unwrap().split_once('=').unwrap().1.to_owned();
    let key = cookie.split_once('=').unwrap().1.to_owned();
    let claims = serde_json::json!({ "iss": "https://gate.example", "sub": "ada" });
    let id_token = gateway
        .store
        .providers
        .sign(&serde_json::json!({ "alg": "ES256", "kid": "1", "typ": "at+jwt" }), &claims);
    for (kind, token) in [
        ("another audience", of_reports),
        ("a code", code.clone()),
        ("a refresh token", refresh.clone()),
        ("a sealed sign-in", sealed.clone()),
        ("a session key", key.clone()),
        ("an ID token", id_token.clone()),
        ("two tokens", format!("{ours} {ours}")),
        ("a token in a token", format!("Bearer {ours}")),
    ] {
        assert_eq!(me(&gateway, &token).await, 401, "{kind}");
    }
    for token in [&ours, &code, &sealed, &key, &id_token] {
        let answer = gateway.send(&Gateway::refresh(token)).await;
        assert_eq!(answer.code(), (400, "invalid_grant".into()));
    }
    for token in [&ours, &refresh, &sealed, &key, &id_token] {
        let answer = gateway.send(&Gateway::redeem(token)).await;
        assert_eq!(answer.code(), (400, "invalid_grant".into()));
        let ask = Ask::page("/auth/session").cookie(&format!("__Host-bff_session={token}"));
        assert_eq!(gateway.send(&ask).await.status, if token == &key { 200 } else { 401 });
    }
    // What was tried has changed nothing.
    assert_eq!(me(&gateway, &ours).await, 200);
    assert_eq!(gateway.send(&Gateway::redeem(&code)).await.status, 200);
    assert_eq!(gateway.send(&Gateway::refresh(&refresh)).await.status, 200);
}

// Proves std 24, 82; L 54.
#[tokio::test]
async fn a_caller_acts_as_nobody_but_themselves_whatever_the_request_says() {
    let gateway = Gateway::new(all::routes).await;
    let mut subjects = Vec::new();
    for who in [Who::ADA, Who::BOB] {
        let token = gateway.token(&gateway.sign_in(who).await).await;
        let plain = gateway.send(&Ask::bare("GET", "/api/me").bearer(&token)).await;
        let tenant = if who.sub == "ada" { "acme" } else { "globex" };
        assert_eq!(plain.text("tenant").as_deref(), Some(tenant));
        for query in ["tenant=acme", "tenant=globex", "tid=acme", "sub=x&user=ada&userId=ada"] {
            let ask = Ask::bare("GET", format!("/api/me?{query}")).bearer(&token);
            let ask = ask.header("x-tenant", "globex").header("x-tenant", "acme");
            assert_eq!(gateway.send(&ask).await.body, plain.body, "{query}");
        }
        subjects.push(plain.text("subject").unwrap());
    }
    // Both have the same address of mail, and the provider vouches for it.
    assert_ne!(subjects[0], subjects[1]);
    // The same subject at another provider is somebody else.
    let callback = gateway.at_callback("/auth/login/two", Who::BOB).await;
    let answer = gateway.send(&callback).await;
    let cookie = answer.cookie().unwrap();
    let me = gateway.send(&Ask::page("/api/me").cookie(cookie)).await;
    assert_eq!(me.text("tenant").as_deref(), Some("globex"));
    assert!(!subjects.contains(&me.text("subject").unwrap()));
}

// Proves std 85; L 40, 65.
#[tokio::test]
async fn somebody_without_the_scope_is_told_so_and_somebody_with_it_is_served() {
    let gateway = Gateway::new(all::routes).await;
    let ray = gateway.sign_in(Who::RAY).await;
    let answer = gateway.send(&Ask::page("/api/me").cookie(&ray)).await;
    assert_eq!(answer.code(), (403, "insufficient_scope".into()));
    let ada = gateway.sign_in(Who::ADA).await;
    assert_eq!(gateway.send(&Ask::page("/api/me").cookie(&ada)).await.status, 200);
    let form = [("scope", "runs:read")];
    let narrow = gateway.send(&Ask::page_form("/auth/token", &form).cookie(&ada)).await;
    let token = narrow.text("access_token").unwrap();
    let answer = gateway.send(&Ask::bare("GET", "/api/me").bearer(&token)).await;
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge, Some(r#"Bearer error="insufficient_scope", scope="me""#));
}

struct Probe<T>(PhantomData<T>);

trait Unequal {
    const COMPARES: bool = false;
}

impl<T> Unequal for Probe<T> {}

impl<T: PartialEq> Probe<T> {
    const COMPARES: bool = true;
}

// Proves std 120.
#[test]
fn a_secret_has_no_comparison_that_could_be_timed() {
    let compare = [
        Probe::<String>::COMPARES,
        Probe::<SecretBytes>::COMPARES,
        Probe::<Secret>::COMPARES,
        Probe::<SessionKey>::COMPARES,
        Probe::<Code>::COMPARES,
        Probe::<AccessToken>::COMPARES,
        Probe::<Tokens>::COMPARES,
    ];
    assert_eq!(compare, [true, false, false, false, false, false, false]);
    // What is lent out of them is not compared by the way either.
    let sources = listed(&["shared/core/src", "shared/edge/src"]).unwrap();
    assert!(sources.len() > 100, "git lists what is looked through");
    for file in sources {
        let text = fs::read_to_string(project().join(&file)).unwrap();
        for line in text.lines().filter(|line| line.contains("expose()")) {
            assert!(!line.contains("==") && !line.contains("!="), "{file}: {line}");
        }
    }
}
