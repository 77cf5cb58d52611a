//! Tokens taken back (RFC 7009), by their owners and by others.

use axum::http::StatusCode;
use gatelet_contracts::records::Last;
use gatelet_edge::CSRF_HEADER;

use crate::stage::{CLIENT, Stage, cookie, posted};

fn refused() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

async fn revoke(stage: &Stage, token: &str, hint: Option<&str>) -> StatusCode {
    let mut form = vec![("client_id", CLIENT), ("token", token)];
    form.extend(hint.map(|hint| ("token_type_hint", hint)));
    let answer = stage.post("/auth/revoke", &form).await;
    assert_eq!(answer.headers.get("cache-control").unwrap(), "no-store");
    answer.status
}

// Proves std 71, 95, 96, 97.
#[tokio::test]
async fn a_token_is_taken_back_whatever_the_hint_says_and_at_once() {
    for hint in [None, Some("refresh_token"), Some("access_token"), Some("nonsense")] {
        let stage = Stage::new().await;
        let (one, other) = (stage.client("acme/ada").await, stage.client("acme/bob").await);
        for _ in 0..2 {
            assert_eq!(revoke(&stage, &one.refresh, hint).await, 200, "twice is fine");
            assert_eq!(revoke(&stage, &other.access, hint).await, 200, "twice is fine");
        }
        for held in [&one, &other] {
            assert_eq!(stage.refresh(&held.refresh).await.error(), refused(), "{hint:?}");
            assert!(!stage.is_good(&held.access).await, "{hint:?}");
        }
        assert_eq!(stage.told("token.revoke").await, ["ok", "ok"]);
    }
}

#[tokio::test]
async fn a_token_that_was_just_rotated_still_takes_its_family_back() {
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let successor = stage.refresh(&held.refresh).await.ok().text("refresh_token");
    assert_eq!(revoke(&stage, &held.refresh, None).await, 200);
    assert_eq!(stage.refresh(&successor).await.error(), refused());
}

// Proves std 94, 95.
#[tokio::test]
async fn somebody_elses_token_is_left_alone_and_nobody_is_told() {
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let key = stage.session("acme/ada").await;
    let mine = stage.page("/auth/token", &key, &[]).await.ok().text("access_token");
    for token in [&held.refresh, &held.access, &mine] {
        let form = [("client_id", "desktop"), ("token", &**token)];
        stage.post("/auth/revoke", &form).await.ok();
    }
    let other = stage.session("acme/ada").await;
    for token in [&held.refresh, &held.access, &mine] {
        stage.page("/auth/revoke", &other, &[("token", token)]).await.ok();
    }
    assert!(stage.is_good(&mine).await && stage.is_good(&held.access).await);
    stage.refresh(&held.refresh).await.ok();

    let nobody = stage.post("/auth/revoke", &[("token", &*mine)]).await;
    assert_eq!(nobody.error(), (400, "invalid_request".into()));
    let stranger =
        stage.post("/auth/revoke", &[("client_id", "stranger"), ("token", &*mine)]).await;
    assert_eq!(stranger.error(), (401, "invalid_client".into()));
    let tokenless = stage.post("/auth/revoke", &[("client_id", CLIENT)]).await;
    assert_eq!(tokenless.error(), (400, "invalid_request".into()));
    let cookie = cookie(&key);
    let crossed = [("cookie", &*cookie), ("sec-fetch-site", "cross-site"), (CSRF_HEADER, "1")];
    let crossed = stage.send(posted("/auth/revoke", &[("token", &mine)], &crossed)).await;
    assert_eq!(crossed.problem(), (403, "not_from_our_page".into()));
    assert!(stage.is_live(&key).await);
}

#[tokio::test]
async fn the_page_takes_its_own_token_back_and_its_session_with_it() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let token = stage.page("/auth/token", &key, &[]).await.ok().text("access_token");
    stage.page("/auth/revoke", &key, &[("token", &token)]).await.ok();
    assert!(!stage.is_good(&token).await);
    assert!(!stage.is_live(&key).await);
}

// Proves std 98.
#[tokio::test]
async fn an_outage_is_never_told_as_a_revocation() {
    for of_refresh in [true, false] {
        let stage = Stage::new().await;
        let held = stage.client("acme/ada").await;
        let token = if of_refresh { &held.refresh } else { &held.access };
        let form = [("client_id", CLIENT), ("token", &**token)];
        let mut breaks = 0;
        loop {
            stage.records.break_after(breaks);
            let answer = stage.post("/auth/revoke", &form).await;
            stage.records.mend();
            if answer.status == StatusCode::OK {
                break;
            }
            answer.is_away();
            breaks += 1;
        }
        assert!(breaks >= 3, "each step was taken away: {breaks}");
        assert_eq!(stage.refresh(&held.refresh).await.error(), refused());
        assert!(!stage.is_good(&held.access).await);
        assert!(!stage.told("token.revoke").await.is_empty());
    }
    for last in [Last::Applied, Last::Lost] {
        let stage = Stage::new().await;
        let held = stage.client("acme/ada").await;
        stage.records.lose_after(0, last);
        let form = [("client_id", CLIENT), ("token", &*held.refresh)];
        stage.post("/auth/revoke", &form).await.is_away();
        stage.records.mend();
        assert_eq!(revoke(&stage, &held.refresh, None).await, 200);
        assert!(!stage.is_good(&held.access).await, "the second try tells what the first did not");
    }
}
