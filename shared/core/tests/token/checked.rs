//! What an API makes of tokens that we did issue.

use std::sync::Arc;
use std::time::Duration;

use gatelet_core::token::{Invalid, TOKEN_LIFE, Wish, check, read};
use proptest::prelude::*;

use super::world::{NOW, ORDERS, OURS, World, ada, session, verdict};

#[tokio::test]
async fn a_good_token_tells_who_its_bearer_is() {
    let world = World::new().await;
    let token = world.token().await;
    let access = world.check(&token.text).await.unwrap();
    assert_eq!(access.subject, ada().facts.person.public_id());
    assert_eq!(access.tenant.as_str(), "acme");
    assert_eq!(access.role, "operator");
    assert_eq!(access.scopes().collect::<Vec<_>>(), ["me", "runs:read", "runs:start"]);
    assert_eq!(access.client_id, "browser");
    assert_eq!(access.session_id, "adas-session");
    assert_eq!((access.begun_at, access.expires_at), (NOW, token.expires_at));
    assert_eq!(access.acr.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_second_look_at_a_token_reads_nothing() {
    let world = World::new().await;
    let token = world.token().await;
    let first = world.check(&token.text).await.unwrap();
    let before = world.records.calls();
    let second = world.check(&token.text).await.unwrap();
    assert_eq!(world.records.calls(), before);
    assert!(Arc::ptr_eq(&first, &second), "it was remembered");
    let another = world.token().await;
    world.check(&another.text).await.unwrap();
    assert_eq!(world.records.calls(), before, "nor does the first look at another one");
}

// Proves std 57, 61, 80; L 27.
#[tokio::test]
async fn what_is_remembered_of_a_token_is_what_it_says_and_not_that_it_passed() {
    let world = World::new().await;
    let sign_in = ada();
    let wish = Wish { audience: Some(ORDERS), scope: None };
    let token = world.issued(&session(&sign_in, NOW), &wish).await.unwrap();
    let at = async |audience: &str| {
        verdict(check(&world.parts, &token.text, audience, world.parts.clock.now()).await)
    };
    assert!(at(ORDERS).await.is_ok());
    assert_eq!(at(OURS).await.unwrap_err(), Invalid::WrongAudience);
    assert_eq!(at("").await.unwrap_err(), Invalid::WrongAudience);
    assert!(at(ORDERS).await.is_ok());
    world.clock.set(token.expires_at);
    assert_eq!(at(ORDERS).await.unwrap_err(), Invalid::Expired);
}

// Proves std 79; L 28.
#[tokio::test]
async fn another_deployment_with_the_same_keys_does_not_believe_our_tokens() {
    let world = World::new().await;
    let token = world.token().await;
    world.check(&token.text).await.unwrap();
    for other in ["https://gate2.example", "http://gate.example", "https://gate.example:8443"] {
        let process = world.process(other);
        let answer = verdict(check(&process, &token.text, OURS, NOW).await);
        assert_eq!(answer.unwrap_err(), Invalid::WrongIssuer, "{other}");
    }
}

// Proves L 28.
#[tokio::test]
async fn a_remembered_token_whose_key_has_left_the_ring_is_not_good_any_more() {
    let world = World::new().await;
    let token = world.token().await;
    world.check(&token.text).await.unwrap();
    world.drop_every_key().await;
    world.clock.advance(Duration::from_mins(5));
    assert_eq!(world.check(&token.text).await.unwrap_err(), Invalid::UnknownKey);
}

// Proves std 81.
#[tokio::test]
async fn a_clock_may_be_a_minute_off_and_not_two() {
    let world = World::new().await;
    let token = world.token().await;
    let at = async |now| {
        verdict(check(&world.process("https://gate.example"), &token.text, OURS, now).await)
    };
    let two = Duration::from_mins(2);
    assert_eq!(at(NOW.before(two)).await.unwrap_err(), Invalid::NotYet, "two minutes behind");
    assert!(at(NOW.before(Duration::from_mins(1))).await.is_ok(), "one minute behind");
    assert!(at(NOW + two).await.is_ok(), "two minutes ahead, in the middle of its life");
    let late = NOW + TOKEN_LIFE;
    assert_eq!(
        at(late + two).await.unwrap_err(),
        Invalid::Expired,
        "two minutes ahead, at its end"
    );
    assert!(at(token.expires_at.before(Duration::from_millis(1))).await.is_ok());
    assert_eq!(at(token.expires_at).await.unwrap_err(), Invalid::Expired, "ended is ended");
}

#[tokio::test]
async fn whoever_takes_a_token_back_can_read_it_whichever_api_it_is_for() {
    let world = World::new().await;
    let sign_in = ada();
    let wish = Wish { audience: Some(ORDERS), scope: None };
    let token = world.issued(&session(&sign_in, NOW), &wish).await.unwrap();
    let found = read(&world.parts, &token.text, NOW).await.unwrap();
    assert_eq!((found.session_id.as_str(), found.audience.as_str()), ("adas-session", ORDERS));
    assert!(read(&world.parts, &token.text, token.expires_at).await.is_err());
}

#[tokio::test]
async fn a_flood_of_unknown_key_names_reads_the_keys_once_in_a_while() {
    let world = World::new().await;
    let (header, claims) = world.good().await;
    world.check(&world.token().await.text).await.unwrap();
    world.clock.advance(Duration::from_secs(4));
    let before = world.records.calls();
    for index in 0..50 {
        let header = super::world::with(&header, &serde_json::json!({"kid": format!("k{index}")}));
        let token =
            format!("{}.{}.AAAA", super::world::encoded(&header), super::world::encoded(&claims));
        assert_eq!(world.check(&token).await.unwrap_err(), Invalid::UnknownKey);
    }
    assert!(world.records.calls() - before <= 1, "{}", world.records.calls() - before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever somebody sends as a token, it is refused and nothing breaks; and no single letter of a good token
    /// can be another one.
    #[test]
    fn nothing_but_a_token_of_ours_is_one(
        bytes in ".{0,300}",
        parts in "[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}",
        places in proptest::collection::vec((any::<prop::sample::Index>(), "[A-Za-z0-9_.=-]"), 20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (world, good) = shared().await;
            for text in [&bytes, &parts] {
                assert!(world.check(text).await.is_err(), "{text}");
            }
            for (place, letter) in places {
                let at = place.index(good.len());
                let mut changed = good.clone();
                changed.replace_range(at..=at, &letter);
                assert_eq!(world.check(&changed).await.is_ok(), changed == *good, "{at} {letter}");
            }
        });
    }
}

/// One world for all cases, because making a key takes long.
async fn shared() -> &'static (World, String) {
    static SHARED: std::sync::OnceLock<(World, String)> = std::sync::OnceLock::new();
    if SHARED.get().is_none() {
        let world = World::new().await;
        let token = world.token().await.text.as_str().to_owned();
        world.check(&token).await.unwrap();
        let _ = SHARED.set((world, token));
    }
    SHARED.get().unwrap()
}
