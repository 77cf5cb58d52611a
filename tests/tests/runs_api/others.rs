//! Somebody else's runs and files.

use gatelet_played::{Ask, Gateway, Who};
use serde_json::json;

use super::{carried_out, gateway};

// Proves std 119; L 42, 47.
#[tokio::test]
async fn a_run_of_another_tenant_is_answered_like_one_that_does_not_exist() {
    let gateway = gateway().await;
    let (_, id) = carried_out(&gateway).await;
    let bob = gateway.sign_in(Who::BOB).await;
    let none = "0".repeat(32);
    for rest in ["", "/events", "/log", "/result.csv", "/artifacts/page.html", "/evidence"] {
        let (theirs, nobodys) =
            (gateway.of_run(&bob, &id, rest).await, gateway.of_run(&bob, &none, rest).await);
        assert_eq!(theirs.code(), (404, "not_found".into()), "{rest}");
        assert_eq!(nobodys.code(), theirs.code(), "{rest}");
    }
    let listed = gateway.send(&Ask::page("/api/runs").cookie(&bob)).await;
    assert!(listed.json()["runs"].as_array().unwrap().is_empty());
}

// Proves L 47.
#[tokio::test]
async fn nobody_decides_about_or_uses_what_another_tenant_has() {
    let gateway = gateway().await;
    let amy = gateway.sign_in(Who::AMY).await;
    let (id, upload) = (gateway.start(&amy, "k").await, gateway.upload(&amy).await);
    let who = Who { sub: "gil", org: "globex.example", groups: &["acme-admins"] };
    let gil = gateway.sign_in(who).await;
    let role = gateway.send(&Ask::page("/api/me").cookie(&gil)).await.text("role").unwrap();
    for path in [format!("/api/runs/{id}/cancel"), format!("/api/runs/{id}/outcome")] {
        let body = json!({ "step": "a", "outcome": "unknown", "reason": "long enough" });
        let answer = gateway.send(&Gateway::asking(&gil, &path, &body)).await;
        let expected = if role == "admin" { 404 } else { 403 };
        assert_eq!(answer.status, expected, "{path}: {answer:?}");
    }
    let started = gateway.send(&Gateway::starting(&gil, &upload, "k")).await;
    assert!(matches!(started.status, 403 | 422), "{started:?}");
    let run = gateway.of_run(&amy, &id, "").await.json();
    assert_eq!((&run["state"], &run["cancel_requested"]), (&json!("queued"), &json!(false)));
}

#[tokio::test]
async fn a_viewer_reads_and_starts_nothing() {
    let gateway = gateway().await;
    let (_, id) = carried_out(&gateway).await;
    let ada = gateway.sign_in(Who::ADA).await;
    let run = gateway.of_run(&ada, &id, "").await.json();
    assert_eq!(run["can"]["run_again"]["code"], "insufficient_scope");
    for path in ["/api/automations/review/runs", "/api/automations/review/validate", "/api/uploads"]
    {
        let answer = gateway.send(&Gateway::asking(&ada, path, &json!({}))).await;
        assert_eq!(answer.code(), (403, "insufficient_scope".into()), "{path}");
    }
    let trail = gateway.send(&Ask::page("/api/audit").cookie(&ada)).await;
    assert_eq!(trail.code(), (403, "insufficient_scope".into()));
}

#[tokio::test]
async fn the_trail_is_read_newest_first_and_within_its_bounds() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let trail = gateway.send(&Ask::page("/api/audit").cookie(&cookie)).await.json();
    let records = trail["records"].as_array().unwrap();
    assert_eq!(records[0]["action"], "sign_in");
    assert!(records.iter().all(|record| record["tenant"] == "acme"));
    let before = gateway.send(&Ask::page("/api/audit?from=1&to=2").cookie(&cookie)).await.json();
    assert_eq!(before, json!({ "records": [], "next": null }));
    for odd in ["cursor=x", "cursor=99999999999.a", "from=-1", "frm=1"] {
        let answer = gateway.send(&Ask::page(format!("/api/audit?{odd}")).cookie(&cookie)).await;
        assert_eq!(answer.code(), (400, "bad_request".into()), "{odd}");
    }
}
