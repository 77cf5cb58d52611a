//! The life of a key, seen by those who must never meet a token whose key they do not know.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::token::{
    KEPT_AFTER_USE, KeyState, PUBLISHED_BEFORE_USE, ROTATED_AFTER, Retirement,
};

use super::world::{World, part};

/// How long others may keep the published set.
const CACHE: Duration = Duration::from_mins(5);

async fn tend(world: &World) {
    let now = world.clock.now();
    world.ring().tend(&*world.custody, &*world.custody, now).await.unwrap();
}

async fn begin(world: &World) -> String {
    let now = world.clock.now();
    let next = world.ring().rotate_begin(&*world.custody, &*world.custody, now).await.unwrap();
    next.id.to_string()
}

async fn published(world: &World) -> BTreeSet<String> {
    let ring = world.ring().published(world.clock.now()).await.unwrap();
    ring.iter().map(|key| key.id.to_string()).collect()
}

async fn states(world: &World) -> Vec<KeyState> {
    let ring = world.ring().published(world.clock.now()).await.unwrap();
    let mut states: Vec<KeyState> = ring.iter().map(|key| key.state).collect();
    states.sort_by_key(|state| format!("{state:?}"));
    states
}

// Proves std 62, 63.
#[tokio::test]
async fn nobody_with_a_set_of_five_minutes_ago_meets_a_key_that_it_does_not_know() {
    let world = World::new().await;
    let first = world.key().await.id.to_string();
    let mut sets: Vec<(Timestamp, BTreeSet<String>)> = Vec::new();
    let mut tokens: Vec<(String, String, Timestamp)> = Vec::new();
    let mut signed_with = BTreeSet::new();
    let mut next = None;
    // Two and a half hours, in steps that are no divisor of any of the spans, with a rotation after twenty minutes.
    for step in 0..500 {
        let now = world.clock.advance(Duration::from_secs(17));
        if step % 4 == 0 {
            tend(&world).await;
        }
        if step == 70 {
            next = Some(begin(&world).await);
        }
        sets.push((now, published(&world).await));
        sets.retain(|(taken_at, _)| now.since(*taken_at) <= CACHE);
        if step % 3 == 0 {
            let token = world.token().await;
            let kid = part(&token.text, 0)["kid"].as_str().unwrap().to_owned();
            signed_with.insert(kid.clone());
            tokens.push((kid, token.text.to_string(), token.expires_at));
        }
        tokens.retain(|(_, _, expires_at)| *expires_at > now);
        for (kid, _, _) in &tokens {
            let knows = |(_, set): &(Timestamp, BTreeSet<String>)| set.contains(kid);
            assert!(sets.iter().all(knows), "step {step}: somebody does not know {kid}");
        }
        if step % 10 == 0 {
            for (_, token, _) in &tokens {
                world.check(token).await.unwrap();
            }
        }
    }
    let next = next.unwrap();
    assert_eq!(signed_with, BTreeSet::from([first, next.clone()]), "both have signed");
    assert_eq!(published(&world).await, BTreeSet::from([next]), "and the first one is gone");
}

#[tokio::test]
async fn a_key_waits_signs_retires_and_goes_each_in_its_time() {
    let world = World::new().await;
    let first = world.key().await;
    let next = begin(&world).await;
    assert_eq!(states(&world).await, [KeyState::Current, KeyState::Next]);

    world.clock.advance(PUBLISHED_BEFORE_USE.checked_sub(Duration::from_millis(1)).unwrap());
    tend(&world).await;
    assert_eq!(world.key().await.id, first.id, "not before everybody can know it");
    world.clock.advance(Duration::from_millis(1));
    tend(&world).await;
    assert_eq!(world.key().await.id.as_str(), next);
    assert_eq!(states(&world).await, [KeyState::Current, KeyState::Retiring]);

    world.clock.advance(KEPT_AFTER_USE.checked_sub(Duration::from_millis(1)).unwrap());
    tend(&world).await;
    assert_eq!(states(&world).await, [KeyState::Current, KeyState::Retiring]);
    world.clock.advance(Duration::from_millis(1));
    tend(&world).await;
    assert_eq!(published(&world).await, BTreeSet::from([next]));
}

#[tokio::test]
async fn a_key_is_retired_by_hand_once_its_tokens_have_ended_or_when_that_is_meant() {
    let world = World::new().await;
    let retire = async |id: &str, meant| {
        let now = world.clock.now();
        world.ring().retire(id, meant, now).await.unwrap()
    };
    let first = world.key().await.id.to_string();
    assert_eq!(retire("no-such-key", true).await, Retirement::Unknown);
    assert_eq!(retire(&first, true).await, Retirement::Needed(KeyState::Current));
    let second = begin(&world).await;
    assert_eq!(retire(&second, true).await, Retirement::Needed(KeyState::Next));
    world.clock.advance(PUBLISHED_BEFORE_USE);
    let token = world.token().await;
    tend(&world).await;

    let Retirement::TokensUntil(until) = retire(&first, false).await else {
        panic!("tokens of the first key are good")
    };
    assert!(until >= token.expires_at, "none of them outlives that");
    world.check(&token.text).await.unwrap();
    assert_eq!(retire(&first, true).await, Retirement::Gone);
    assert_eq!(retire(&first, true).await, Retirement::Unknown, "twice is once");
    assert_eq!(published(&world).await, BTreeSet::from([second.clone()]));
    world.clock.advance(CACHE);
    assert!(world.check(&token.text).await.is_err(), "its tokens have ended with it");

    let third = begin(&world).await;
    world.clock.advance(PUBLISHED_BEFORE_USE);
    tend(&world).await;
    let Retirement::TokensUntil(until) = retire(&second, false).await else {
        panic!("tokens of the second key may be good")
    };
    world.clock.advance(until.since(world.clock.now()));
    assert_eq!(retire(&second, false).await, Retirement::Gone);
    assert_eq!(published(&world).await, BTreeSet::from([third]));
}

#[tokio::test]
async fn an_old_key_is_replaced_without_being_asked() {
    let world = World::new().await;
    world.clock.advance(ROTATED_AFTER.checked_sub(Duration::from_millis(1)).unwrap());
    tend(&world).await;
    assert_eq!(states(&world).await, [KeyState::Current]);
    world.clock.advance(Duration::from_millis(1));
    tend(&world).await;
    assert_eq!(states(&world).await, [KeyState::Current, KeyState::Next]);
}

#[tokio::test]
async fn several_who_rotate_or_tend_at_once_take_one_step_together() {
    let world = World::new().await;
    let begun = join_all((0..3).map(|_| begin(&world))).await;
    assert_eq!(begun.iter().collect::<BTreeSet<_>>().len(), 1, "one next key: {begun:?}");
    assert_eq!(begin(&world).await, begun[0], "and no other while it waits");
    assert_eq!(published(&world).await.len(), 2);

    world.clock.advance(PUBLISHED_BEFORE_USE);
    join_all((0..3).map(|_| tend(&world))).await;
    assert_eq!(states(&world).await, [KeyState::Current, KeyState::Retiring]);
    world.clock.advance(KEPT_AFTER_USE);
    join_all((0..3).map(|_| tend(&world))).await;
    assert_eq!(states(&world).await, [KeyState::Current]);
}
