//! Refusals of somebody who is signed in: what is written down of them, and how a sign-in that is too old is mended.

use std::collections::BTreeMap;
use std::time::Duration;

use gatelet_contracts::runs::PlayedPace;
use gatelet_core::audit::{TrailSpan, read_trail};
use gatelet_core::automation::attempt::{Beginning, Holder, Message};
use gatelet_core::automation::{
    Claim, Effect, Redactor, RunId, Runs, SandboxReport, State, WHOLE_SCRIPT,
};
use gatelet_core::clock::Clock as _;
use gatelet_core::tenant::TenantId;
use gatelet_played::{Answer, Ask, Gateway, NOW, Port, Who};
use serde_json::json;

use super::gateway;

fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// What the trail says of refusals: of whom, where, and why.
async fn refusals(gateway: &Gateway) -> Vec<(String, String, String)> {
    let to = gateway.clock.now();
    let span = TrailSpan { from: NOW, to, cursor: None };
    let page = read_trail(&*gateway.parts.records, &acme(), &span, to).await.unwrap().unwrap();
    let of_access = page.entries.into_iter().filter(|entry| entry["action"] == "access.refuse");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let told = of_access.map(|entry| {
        assert_eq!(entry["actor"]["kind"], "session");
        (text(&entry["actor"]["id"]), text(&entry["resource"]), text(&entry["outcome"]))
    });
    told.collect()
}

#[tokio::test]
async fn a_refusal_of_somebody_signed_in_is_written_down_once_an_hour_and_a_strangers_never() {
    let gateway = gateway().await;
    let ada = gateway.sign_in(Who::ADA).await;
    let again = gateway.sign_in(Who::ADA).await;
    let path = "/api/automations/review/runs";
    let start =
        |cookie: &str| Gateway::asking(cookie, path, &json!({})).header("idempotency-key", "\"k\"");
    for cookie in [&ada, &ada, &again, &ada] {
        let refused = gateway.send(&start(cookie)).await;
        assert_eq!(refused.code(), (403, "insufficient_scope".into()));
    }
    let token = gateway.token(&ada).await;
    let by_token = Ask::json("POST", path, &json!({})).bearer(&token);
    assert_eq!(gateway.send(&by_token).await.status, 403, "the same session by another way");
    let told = refusals(&gateway).await;
    assert_eq!(told.len(), 2, "one for each session: {told:?}");
    for (_, route, why) in &told {
        assert_eq!(
            (route.as_str(), why.as_str()),
            ("POST /api/automations/{name}/runs", "insufficient_scope")
        );
    }
    gateway.clock.advance(Duration::from_mins(50));
    gateway.send(&start(&ada)).await;
    assert_eq!(refusals(&gateway).await.len(), 2);
    gateway.clock.advance(Duration::from_mins(9));
    gateway.send(&Ask::page("/api/audit").cookie(&ada)).await;
    assert_eq!(refusals(&gateway).await.len(), 3, "another route");

    let forged = Ask::bare("POST", path).cookie(&ada).header("sec-fetch-site", "cross-site");
    assert_eq!(gateway.send(&forged).await.code().1, "not_from_our_page");
    let nobody = gateway.send(&start("__Host-gatelet-session=none")).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(refusals(&gateway).await.len(), 3, "whoever is nobody leaves nothing");
}

#[tokio::test]
async fn who_is_let_in_no_longer_is_refused_and_told_of_also_while_the_trail_is_away() {
    let gateway = gateway().await;
    let amy = gateway.sign_in(Who::AMY).await;
    gateway.store.registry.change("[tenants.acme]\n", "[tenants.acme]\nactive = false\n");
    gateway.clock.advance(Duration::from_mins(2));
    let ask = Ask::page("/api/me").cookie(&amy);
    gateway.weather.away(Port::Trail);
    assert_eq!(gateway.send(&ask).await.code(), (403, "not_admitted".into()));
    gateway.weather.clear();
    assert!(refusals(&gateway).await.is_empty());
    assert_eq!(gateway.send(&ask).await.code(), (403, "not_admitted".into()));
    let told = refusals(&gateway).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].2, "not_admitted");
}

/// A run of Amy's of which nobody knows what became of it.
async fn uncertain(gateway: &Gateway, cookie: &str) -> String {
    let id = gateway.start(cookie, "k").await;
    let run = RunId::new(id.as_str()).unwrap();
    let runs = Runs::new(&*gateway.parts.records, &*gateway.parts.random);
    let Claim::Granted(held) = runs.claim(&acme(), &run, gateway.clock.now()).await.unwrap() else {
        unreachable!("it waits for a worker")
    };
    let pace = PlayedPace(&gateway.clock);
    let time = (&*gateway.clock as _, &pace as _);
    let holder = Holder::new(runs, &*gateway.parts.objects, time, Effect::Unsafe, *held);
    let sandbox = SandboxReport::none();
    let beginning = Beginning { sandbox, credential_ends_at: None, recover_at: None };
    holder.begin(&beginning, Redactor::of(&BTreeMap::new()).unwrap()).await.unwrap();
    holder.hear(Message::Hello).await;
    gateway.store.right_clock.set(gateway.clock.advance(Duration::from_secs(66)));
    runs.tend(&acme(), &run, gateway.clock.now()).await.unwrap();
    let found = runs.find(&acme(), &run, gateway.clock.now()).await.unwrap().unwrap();
    assert_eq!(found.state, State::Uncertain);
    id
}

fn recording(id: &str) -> Ask {
    let body =
        json!({ "step": WHOLE_SCRIPT, "outcome": "happened", "reason": "I saw it in the log" });
    Ask::json("POST", format!("/api/runs/{id}/outcome"), &body)
}

async fn verdict(gateway: &Gateway, cookie: &str, id: &str) -> serde_json::Value {
    gateway.of_run(cookie, id, "").await.json()["can"]["record_outcome"].clone()
}

fn asks_for_step_up(answer: &Answer, max_age: u64) -> bool {
    let challenge =
        format!(r#"Bearer error="insufficient_user_authentication", max_age="{max_age}""#);
    answer.code() == (401, "step_up_required".into())
        && answer.header("www-authenticate").is_some_and(|given| given == challenge)
}

// Proves std 86.
#[tokio::test]
async fn recording_an_outcome_takes_a_recent_sign_in_by_cookie_and_by_token() {
    let gateway = gateway().await;
    let amy = gateway.sign_in(Who::AMY).await;
    let id = uncertain(&gateway, &amy).await;
    assert_eq!(verdict(&gateway, &amy, &id).await, json!({ "allowed": true }));
    gateway.store.right_clock.set(gateway.clock.advance(Duration::from_mins(9)));
    let told = verdict(&gateway, &amy, &id).await;
    assert_eq!((&told["allowed"], &told["code"]), (&false.into(), &"step_up_required".into()));
    assert!(asks_for_step_up(&gateway.send(&recording(&id).cookie(&amy)).await, 600));
    let token = gateway.token(&amy).await;
    assert!(asks_for_step_up(&gateway.send(&recording(&id).bearer(&token)).await, 600));
    // A role that may not record is told that, and not to sign in anew.
    let ada = gateway.sign_in(Who::ADA).await;
    assert_eq!(gateway.send(&recording(&id).cookie(&ada)).await.status, 403);

    let anew = gateway.sign_in(Who::AMY).await;
    assert_eq!(verdict(&gateway, &anew, &id).await, json!({ "allowed": true }));
    let recorded = gateway.send(&recording(&id).cookie(&anew)).await;
    assert_eq!((recorded.status, recorded.text("state").unwrap()), (200, "succeeded".into()));
}

#[tokio::test]
async fn a_tenant_says_how_old_a_sign_in_may_be() {
    let gateway = gateway().await;
    let amy = gateway.sign_in(Who::AMY).await;
    let id = uncertain(&gateway, &amy).await;
    gateway.store.registry.change("[tenants.acme]\n", "[tenants.acme]\nstep_up_s = 3000\n");
    gateway.clock.advance(Duration::from_mins(45));
    assert_eq!(verdict(&gateway, &amy, &id).await, json!({ "allowed": true }));
    gateway.clock.advance(Duration::from_mins(10));
    assert!(asks_for_step_up(&gateway.send(&recording(&id).cookie(&amy)).await, 3000));
}
