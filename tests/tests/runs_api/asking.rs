//! Asking for a run: once under a key, with inputs that may be run, by somebody who may.

use futures::future::join_all;
use gatelet_played::{Ask, Gateway, Who};
use serde_json::{Value, json};

use super::gateway;

// Proves L 63.
#[tokio::test]
async fn the_same_key_finds_the_same_run_and_another_body_none() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let upload = gateway.upload(&cookie).await;
    let first = gateway.send(&Gateway::starting(&cookie, &upload, "k")).await;
    assert_eq!(first.status, 201, "{first:?}");
    let id = first.text("id").unwrap();
    assert_eq!(first.header("location").unwrap(), format!("/api/runs/{id}"));
    assert_eq!(gateway.store.queue.take().len(), 1, "it is sent");
    let again = gateway.send(&Gateway::starting(&cookie, &upload, "k")).await;
    assert_eq!((again.status, again.text("id").unwrap()), (200, id.clone()));
    assert!(gateway.store.queue.take().is_empty(), "it is sent once");
    let body = json!({ "inputs": { "file": upload, "days": 3 } });
    let other = Gateway::asking(&cookie, "/api/automations/review/runs", &body);
    let other = gateway.send(&other.header("idempotency-key", "\"k\"")).await;
    assert_eq!(other.code(), (422, "idempotency_mismatch".into()));
    let third = gateway.send(&Gateway::starting(&cookie, &upload, "k2")).await;
    assert_ne!(third.text("id").unwrap(), id);
}

// Proves L 63.
#[tokio::test]
async fn requests_at_once_under_one_key_give_one_run() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let upload = gateway.upload(&cookie).await;
    let ask = Gateway::starting(&cookie, &upload, "k");
    let answers = join_all((0..8).map(|_| gateway.send(&ask))).await;
    let ids: std::collections::BTreeSet<String> =
        answers.iter().map(|answer| answer.text("id").unwrap()).collect();
    assert_eq!(ids.len(), 1);
    assert!(answers.iter().filter(|answer| answer.status == 201).count() <= 1);
    let listed = gateway.send(&Ask::page("/api/runs").cookie(&cookie)).await;
    assert_eq!(listed.json()["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_asked_for_in_its_form() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let upload = gateway.upload(&cookie).await;
    let bare = Gateway::asking(
        &cookie,
        "/api/automations/review/runs",
        &json!({ "inputs": { "file": upload } }),
    );
    let missing = gateway.send(&bare).await;
    assert_eq!(missing.code(), (400, "idempotency_key_missing".into()));
    let plain = gateway.send(&bare.header("idempotency-key", "k")).await;
    assert_eq!(plain.code(), (400, "idempotency_key_missing".into()), "without quotes");
}

#[tokio::test]
async fn every_mistake_in_the_inputs_is_told_with_its_place() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let told = async |body: Value| {
        let ask = Gateway::asking(&cookie, "/api/automations/review/validate", &body);
        let answer = gateway.send(&ask).await;
        assert_eq!(answer.code(), (422, "invalid_inputs".into()), "{answer:?}");
        let errors = answer.json()["errors"].clone();
        let errors = errors.as_array().unwrap().iter();
        let pair =
            |error: &Value| format!("{} {}", error["pointer"], error["code"]).replace('"', "");
        errors.map(pair).collect::<Vec<_>>()
    };
    assert_eq!(told(json!({})).await, ["/inputs/file required"]);
    let several = told(
        json!({ "inputs": { "file": "u-x", "days": 10, "a": 1 }, "connections": { "b": "c" } }),
    )
    .await;
    for expected in [
        "/inputs/file unknown_upload",
        "/inputs/days too_large",
        "/inputs/a unknown",
        "/connections/b unknown",
    ] {
        assert!(several.contains(&expected.to_owned()), "{expected}: {several:?}");
    }
    let odd = Gateway::asking(&cookie, "/api/automations/review/validate", &json!({ "input": {} }));
    assert_eq!(gateway.send(&odd).await.code(), (400, "bad_request".into()));
    let unknown = Gateway::asking(&cookie, "/api/automations/frob/validate", &json!({}));
    assert_eq!(gateway.send(&unknown).await.code(), (404, "not_found".into()));
    let upload = gateway.upload(&cookie).await;
    let fine = Gateway::asking(
        &cookie,
        "/api/automations/review/validate",
        &json!({ "inputs": { "file": upload } }),
    );
    assert_eq!(gateway.send(&fine).await.status, 204);
    assert!(gateway.store.queue.take().is_empty(), "nothing was started");
}

// Proves L 40.
#[tokio::test]
async fn what_a_page_is_told_that_it_may_do_is_what_it_may_do() {
    let gateway = gateway().await;
    for who in [Who::AMY, Who::ADA] {
        let cookie = gateway.sign_in(who).await;
        let upload = if who.sub == "amy" { gateway.upload(&cookie).await } else { "u-x".into() };
        let list = gateway.send(&Ask::page("/api/automations").cookie(&cookie)).await.json();
        for automation in list["automations"].as_array().unwrap() {
            let name = automation["name"].as_str().unwrap();
            let inputs = if name == "review" { json!({ "file": upload }) } else { json!({}) };
            let ask = Gateway::asking(
                &cookie,
                &format!("/api/automations/{name}/validate"),
                &json!({ "inputs": inputs }),
            );
            let answer = gateway.send(&ask).await;
            let start = &automation["can"]["start"];
            assert_eq!(
                start["allowed"] == true,
                answer.status == 204,
                "{name}: {start} {answer:?}"
            );
            if answer.status != 204 {
                assert_eq!(start["code"], answer.code().1, "{name}");
            }
        }
    }
}
