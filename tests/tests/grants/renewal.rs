//! Refresh tokens in turn: renewed by many at once, after lost answers, by thieves, and after everything that
//! ends a family.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use gatelet_contracts::records::Last;
use gatelet_core::identity::Person;
use gatelet_core::revocation::{Cut, Cuts};
use gatelet_core::secrets::own::{OwnSecret, OwnSecrets, renew};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{AGAIN_WITHIN, Families, GrantError, Presented};
use serde_json::Value;

use crate::stage::{CLIENT, Held, NOW, Stage, claims};

fn refused() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

// Proves std 67, 69, 72; L 1, 35.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_refreshes_at_once_get_one_successor_and_a_replay_ends_it() {
    let stage = Arc::new(Stage::new().await);
    let held = stage.client("acme/ada").await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (stage, token) = (Arc::clone(&stage), held.refresh.clone());
            tokio::spawn(async move { stage.refresh(&token).await })
        })
        .collect();
    let mut successors = HashSet::new();
    let mut access = String::new();
    for call in calls {
        let answer = call.await.unwrap().ok();
        assert!(!answer.headers.contains_key("set-cookie"), "nothing clears a cookie");
        successors.insert(answer.text("refresh_token"));
        access = answer.text("access_token");
    }
    assert_eq!(successors.len(), 1, "one successor");
    let successor = successors.into_iter().next().unwrap();
    assert_ne!(successor, held.refresh, "it rotates");
    let used = Held::of(&stage.refresh(&successor).await.ok());
    assert!(stage.is_good(&access).await);

    assert_eq!(stage.refresh(&held.refresh).await.error(), refused(), "the successor was used");
    assert_eq!(stage.refresh(&used.refresh).await.error(), refused(), "whoever holds the newest");
    for token in [&held.access, &access, &used.access] {
        assert!(!stage.is_good(token).await, "every access token of the family");
    }
    assert_eq!(stage.told("refresh.reuse").await, ["ok"]);
}

// Proves std 69.
#[tokio::test]
async fn an_old_token_leads_to_its_successor_for_half_a_minute() {
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let successor = stage.refresh(&held.refresh).await.ok().text("refresh_token");
    stage.clock.set((NOW + AGAIN_WITHIN).before(Duration::from_millis(1)));
    let again = stage.refresh(&held.refresh).await.ok();
    assert_eq!(again.text("refresh_token"), successor);
    stage.clock.set(NOW + AGAIN_WITHIN);
    assert_eq!(stage.refresh(&held.refresh).await.error(), refused());
    assert_eq!(stage.refresh(&successor).await.error(), refused(), "the family went with it");
}

// Proves std 72, 73, 98.
#[tokio::test]
async fn a_refresh_whose_answer_was_lost_is_simply_asked_for_again() {
    for last in [Last::Applied, Last::Lost] {
        let stage = Stage::new().await;
        let held = stage.client("acme/ada").await;
        stage.records.lose_after(0, last);
        stage.refresh(&held.refresh).await.is_away();
        stage.records.mend();
        let successor = stage.refresh(&held.refresh).await.ok().text("refresh_token");
        stage.refresh(&successor).await.ok();
    }
    // And wherever else the store goes away.
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let mut breaks = 0;
    let successor = loop {
        stage.records.break_after(breaks);
        let answer = stage.refresh(&held.refresh).await;
        stage.records.mend();
        if answer.status == StatusCode::OK {
            break answer.text("refresh_token");
        }
        answer.is_away();
        breaks += 1;
    };
    assert!(breaks >= 3, "the family, its cuts and its rotation were each taken away: {breaks}");
    stage.refresh(&successor).await.ok();
}

#[tokio::test]
async fn a_code_survives_an_outage_before_it_is_used_up() {
    let stage = Stage::new().await;
    let code = stage.code("acme/ada", (None, None)).await;
    let mut breaks = 0;
    let held = loop {
        stage.records.break_after(breaks);
        let answer = stage.redeem(&code).await;
        stage.records.mend();
        if answer.status == StatusCode::OK {
            break Held::of(&answer);
        }
        answer.is_away();
        breaks += 1;
    };
    assert!(breaks >= 3, "{breaks}");
    stage.refresh(&held.refresh).await.ok();
}

// Proves std 55, 68.
#[tokio::test]
async fn a_family_ends_a_day_after_its_sign_in_however_often_it_is_renewed() {
    let stage = Stage::new().await;
    let mut held = stage.client("acme/ada").await;
    let signed_in = claims(&held.access).get("auth_time").cloned().unwrap();
    for hour in 1..24 {
        stage.clock.set(NOW + Duration::from_hours(hour));
        upkeep::on_tick(&stage.parts).await.unwrap();
        held = Held::of(&stage.refresh(&held.refresh).await.ok());
        assert_eq!(claims(&held.access).get("auth_time"), Some(&signed_in), "it stays what it was");
    }
    let end = NOW + Duration::from_hours(24);
    stage.clock.set(end.before(Duration::from_mins(1)));
    let answer = stage.refresh(&held.refresh).await.ok();
    assert!(answer.json().get("expires_in").and_then(Value::as_u64).unwrap() <= 60);
    stage.clock.set(end);
    assert_eq!(stage.refresh(&answer.text("refresh_token")).await.error(), refused());
}

// Proves std 76; L 37.
#[tokio::test]
async fn the_rules_of_signing_in_are_applied_to_each_refresh() {
    for change in [
        ("active = true", "active = false"),
        ("groups = [\"operators\"]", "groups = [\"others\"]"),
        ("matches = [\"acme.example\"]", "matches = [\"other.example\"]"),
    ] {
        let stage = Stage::new().await;
        let held = stage.client("acme/ada").await;
        let held = Held::of(&stage.refresh(&held.refresh).await.ok());
        stage.rewrite(change.0, change.1);
        for _ in 0..3 {
            assert_eq!(stage.refresh(&held.refresh).await.error(), refused(), "{change:?}");
        }
        assert_eq!(stage.told("token.issue").await.len(), 1, "told once an hour");
    }
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    stage.rewrite("[clients.cli]", "[clients.former-cli]");
    assert_eq!(stage.refresh(&held.refresh).await.error(), (401, "invalid_client".into()));
}

#[tokio::test]
async fn a_role_that_shrinks_shrinks_the_next_token() {
    let stage = Stage::new().await;
    let code = stage.code("acme/ada", (Some("me runs.write"), None)).await;
    let held = Held::of(&stage.redeem(&code).await.ok());
    stage.rewrite("\"runs.write\", ", "");
    assert_eq!(stage.refresh(&held.refresh).await.ok().text("scope"), "me");
}

// Proves std 71.
#[tokio::test]
async fn every_cut_that_covers_a_family_stops_its_refresh() {
    let stage = Stage::new().await;
    let person = Person { issuer: "https://one.example".into(), subject: "ada".into() };
    let provider = "one".to_owned();
    for cut in [
        Cut::Person(person.public_id()),
        Cut::Tenant(TenantId::new("acme").unwrap()),
        Cut::Client(CLIENT.into()),
        Cut::ProviderSession { provider, sid: "session-of-ada".into() },
    ] {
        stage.clock.advance(Duration::from_secs(1));
        let held = stage.client("acme/ada").await;
        let code = stage.code("acme/ada", (None, None)).await;
        let cuts = Cuts::new(&*stage.parts.records, &*stage.parts.random);
        cuts.cut(&cut, stage.now()).await.unwrap();
        assert_eq!(stage.refresh(&held.refresh).await.error(), refused(), "{cut:?}");
        assert_eq!(stage.redeem(&code).await.error(), refused(), "nor is an offer from before");
        stage.clock.advance(Duration::from_secs(1));
        let after = stage.client("acme/ada").await;
        stage.refresh(&after.refresh).await.ok();
    }
}

// Proves std 97; L 6.
#[tokio::test]
async fn a_revocation_beats_a_renewal_under_way() {
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let families = Families::new(&*stage.parts.records, &*stage.parts.random);
    let secrets = OwnSecrets::new(&*stage.parts.secrets, &stage.parts.memory.own_secrets);
    let presented = Presented { token: &held.refresh, client_id: CLIENT };

    let under_way = families.present(&presented, &secrets, stage.now()).await.unwrap();
    assert!(families.revoke(&presented, stage.now()).await.unwrap());
    let answer = families.rotate(under_way, stage.now()).await;
    assert!(matches!(answer, Err(GrantError::Refused)));

    // A cut may come too late for the rotation. What the rotation gave is worth nothing then.
    stage.clock.advance(Duration::from_secs(1));
    let held = stage.client("acme/ada").await;
    let presented = Presented { token: &held.refresh, client_id: CLIENT };
    let under_way = families.present(&presented, &secrets, stage.now()).await.unwrap();
    let cuts = Cuts::new(&*stage.parts.records, &*stage.parts.random);
    cuts.cut(&Cut::Client(CLIENT.into()), stage.now()).await.unwrap();
    if let Ok(successor) = families.rotate(under_way, stage.now()).await {
        assert_eq!(stage.refresh(&successor).await.error(), refused());
    }
    assert_eq!(stage.refresh(&held.refresh).await.error(), refused());
}

// Proves std 72.
#[tokio::test]
async fn a_new_pepper_changes_no_token_of_a_family_that_lives() {
    let stage = Stage::new().await;
    let old = stage.client("acme/ada").await;
    let successor = stage.refresh(&old.refresh).await.ok().text("refresh_token");
    renew(&*stage.parts.secrets, OwnSecret::RefreshPepper, &*stage.parts.random).await.unwrap();
    let again = stage.refresh(&old.refresh).await.ok();
    assert_eq!(
        again.text("refresh_token"),
        successor,
        "the same, made with the pepper it began with"
    );
    stage.clock.advance(Duration::from_mins(6));
    let new = stage.client("acme/ada").await;
    let (mut one, mut other) = (successor, new.refresh);
    for _ in 0..3 {
        one = stage.refresh(&one).await.ok().text("refresh_token");
        other = stage.refresh(&other).await.ok().text("refresh_token");
    }
}
