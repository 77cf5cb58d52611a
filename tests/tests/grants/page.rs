//! The page: its session for an access token, and never for more.

use std::time::Duration;

use axum::http::StatusCode;
use gatelet_core::session::{ABSOLUTE, IDLE, Sessions};
use gatelet_edge::CSRF_HEADER;
use serde_json::Value;

use crate::stage::{NOW, Stage, claims, cookie, posted};

// Proves std 58, 73; L 2.
#[tokio::test]
async fn a_session_gives_access_tokens_and_nothing_else() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let all = stage.page("/auth/token", &key, &[]).await.ok();
    assert_eq!(all.text("scope"), "me runs.read runs.write");
    assert!(!all.headers.contains_key("set-cookie"), "asking changes no cookie");
    let mut members: Vec<String> = all.json().as_object().unwrap().keys().cloned().collect();
    members.sort_unstable();
    assert_eq!(members, ["access_token", "expires_in", "scope", "token_type"]);
    let said = claims(&all.text("access_token"));
    assert_eq!(said.get("client_id").unwrap(), "browser");

    let narrow = stage.page("/auth/token", &key, &[("scope", "me")]).await.ok();
    assert_eq!(narrow.text("scope"), "me", "a broader one from before is not handed out");
    let orders = [("resource", "https://orders.example.com")];
    let orders = stage.page("/auth/token", &key, &orders).await.ok();
    assert_eq!(
        claims(&orders.text("access_token")).get("aud").unwrap(),
        "https://orders.example.com"
    );
    let (one, other) = (
        stage.page("/auth/token", &key, &[]).await.ok(),
        stage.page("/auth/token", &key, &[]).await.ok(),
    );
    assert!(stage.is_good(&one.text("access_token")).await, "racing tabs each have one");
    assert!(stage.is_good(&other.text("access_token")).await);
}

// Proves std 58, 64.
#[tokio::test]
async fn what_the_person_may_not_have_is_refused_by_name() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    for (form, pointer, code) in [
        (("scope", "runs.approve"), "/scope", "invalid_scope"),
        (("scope", "me  me"), "/scope", "invalid_scope"),
        (("resource", "https://unknown.example"), "/resource", "invalid_target"),
        (("resource", "https://orders.example.com#fragment"), "/resource", "invalid_target"),
    ] {
        let answer = stage.page("/auth/token", &key, &[form]).await;
        assert_eq!(answer.problem(), (400, "bad_request".into()));
        let errors = answer.json().get("errors").cloned().unwrap();
        let said = |member: &str| {
            errors.pointer(&format!("/0/{member}")).and_then(Value::as_str).map(str::to_owned)
        };
        assert_eq!(said("pointer").as_deref(), Some(pointer));
        assert_eq!(said("code").as_deref(), Some(code));
    }
}

// Proves std 44, 45.
#[tokio::test]
async fn only_our_own_page_gets_a_token_for_the_cookie() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let cookie = cookie(&key);
    for headers in [
        &[("cookie", &*cookie)][..],
        &[("cookie", &*cookie), ("sec-fetch-site", "same-origin")],
        &[("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-site")],
        &[("cookie", &*cookie), (CSRF_HEADER, "1"), ("origin", "https://evil.example")],
    ] {
        let answer = stage.send(posted("/auth/token", &[], headers)).await;
        assert_eq!(answer.problem(), (403, "not_from_our_page".into()), "{headers:?}");
    }
    let stranger = stage.send(posted("/auth/token", &[], &[(CSRF_HEADER, "1")])).await;
    assert_eq!(stranger.problem(), (401, "sign_in_required".into()));
}

// Proves std 60.
#[tokio::test]
async fn no_token_outlives_its_session() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let sessions = Sessions::new(&*stage.parts.records, &*stage.parts.random);
    let mut at = NOW;
    while at + IDLE < NOW + ABSOLUTE {
        at = at + IDLE.mul_f32(0.9);
        stage.clock.set(at);
        sessions.extend(&key, at).await.unwrap().unwrap();
    }
    stage.clock.set((NOW + ABSOLUTE).before(Duration::from_mins(1)));
    let answer = stage.page("/auth/token", &key, &[]).await.ok();
    let expires_in = answer.json().get("expires_in").and_then(Value::as_u64).unwrap();
    assert!(expires_in <= 60, "{expires_in}");
}

// Proves std 76; L 37.
#[tokio::test]
async fn the_rules_of_signing_in_are_applied_to_each_token() {
    for change in [
        ("active = true", "active = false"),
        ("groups = [\"operators\"]", "groups = [\"others\"]"),
        ("matches = [\"acme.example\"]", "matches = [\"other.example\"]"),
    ] {
        let stage = Stage::new().await;
        let key = stage.session("acme/ada").await;
        stage.page("/auth/token", &key, &[]).await.ok();
        stage.rewrite(change.0, change.1);
        for _ in 0..3 {
            let answer = stage.page("/auth/token", &key, &[]).await;
            assert_eq!(answer.problem(), (403, "not_admitted".into()), "{change:?}");
            assert!(!answer.headers.contains_key("set-cookie"));
        }
        assert_eq!(stage.told("token.issue").await.len(), 1, "told once an hour");
    }
}

#[tokio::test]
async fn a_tenant_of_another_region_is_sent_there_and_nothing_is_written() {
    let stage = Stage::new().await;
    let key = stage.session("initech/bob").await;
    stage.records.lose_after(0, gatelet_contracts::records::Last::Lost);
    let answer = stage.page("/auth/token", &key, &[]).await;
    assert_eq!(answer.problem(), (421, "other_region".into()));
    assert_eq!(answer.text("base_url"), "https://us.gate.example/");
}

// Proves std 73; L 5.
#[tokio::test]
async fn an_outage_is_told_as_one_wherever_it_strikes() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let mut calls = 0;
    loop {
        let stage_before = calls;
        stage.records.break_after(calls);
        let answer = stage.page("/auth/token", &key, &[]).await;
        stage.records.mend();
        if answer.status == StatusCode::OK {
            assert!(stage_before > 0, "the session was read");
            break;
        }
        answer.is_away();
        calls += 1;
        assert!(calls < 50, "it never succeeds");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let cookie = cookie(&key);
    let send = async |kind: &str, body: String| {
        let request = axum::http::Request::post("/auth/token")
            .header("host", "gate.example")
            .header("content-type", kind)
            .header("cookie", &cookie)
            .header(CSRF_HEADER, "1");
        stage.send(request.body(axum::body::Body::from(body)).unwrap()).await.problem()
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(send("application/json", "{}".into()).await, (415, "unsupported_media_type".into()));
    assert_eq!(send("text/plain", "scope=me".into()).await.0, 415);
    assert_eq!(send(form, "scope=me&scope=me".into()).await, (400, "bad_request".into()));
    assert_eq!(send(form, "scope=%ff".into()).await, (400, "bad_request".into()));
    assert_eq!(send(form, "a".repeat(8 * 1024 + 1)).await, (413, "too_large".into()));
}
