//! Tokens that are taken back, and what a process knows of it when.

use std::time::Duration;

use futures::future::join_all;
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::parts::Parts;
use gatelet_core::revocation::{Announcement, Cut, Cuts, Feed};
use gatelet_core::token::{CheckError, Holder, Invalid, Wish, check};

use super::world::{NOW, OURS, World, ada, session};

const FEED_LAG: Duration = Duration::from_secs(5);
const MILLI: Duration = Duration::from_millis(1);

async fn cut(world: &World, cut: &Cut) {
    let now = world.clock.now();
    Cuts::new(&*world.records, &*world.random).cut(cut, now).await.unwrap();
}

fn cuts_of_ada() -> Vec<Cut> {
    let sign_in = ada();
    vec![
        Cut::Session("adas-session".into()),
        Cut::Person(sign_in.facts.person.public_id()),
        Cut::Tenant(sign_in.tenant),
        Cut::Client("browser".into()),
        Cut::ProviderSession { provider: "example".into(), sid: "at-the-provider".into() },
    ]
}

fn cuts_of_others() -> Vec<Cut> {
    vec![
        Cut::Session("bobs-session".into()),
        Cut::Person("p-bob".into()),
        Cut::Client("cli".into()),
        Cut::ProviderSession { provider: "other".into(), sid: "at-the-provider".into() },
    ]
}

// Proves std 97; L 6.
#[tokio::test]
async fn a_token_dies_within_five_seconds_of_every_cut_that_covers_it() {
    for ended in cuts_of_ada() {
        let world = World::new().await;
        let token = world.token().await;
        world.check(&token.text).await.unwrap();
        for other in cuts_of_others() {
            cut(&world, &other).await;
        }
        world.clock.advance(FEED_LAG + MILLI);
        world.check(&token.text).await.unwrap();
        cut(&world, &ended).await;
        world.clock.advance(FEED_LAG + MILLI);
        assert_eq!(world.check(&token.text).await.unwrap_err(), Invalid::Revoked, "{ended:?}");
        let fresh = world.process("https://gate.example");
        let answer = check(&fresh, &token.text, OURS, world.clock.now()).await;
        assert!(matches!(answer, Err(CheckError::Invalid(Invalid::Revoked))), "in a new process");
    }
}

#[tokio::test]
async fn what_began_after_a_cut_is_not_cut_and_an_ended_session_stays_ended() {
    let world = World::new().await;
    for ended in cuts_of_ada() {
        cut(&world, &ended).await;
    }
    world.clock.advance(MILLI);
    let sign_in = ada();
    let again = Holder { session_id: "another", ..session(&sign_in, world.clock.now()) };
    let token = world.issued(&again, &Wish::default()).await.unwrap();
    world.check(&token.text).await.unwrap();
    // The very session is over whenever it claims to have begun.
    let same = session(&sign_in, world.clock.now());
    let token = world.issued(&same, &Wish::default()).await.unwrap();
    assert_eq!(world.check(&token.text).await.unwrap_err(), Invalid::Revoked);
}

#[tokio::test]
async fn a_token_stays_dead_for_as_long_as_it_would_have_lived() {
    let world = World::new().await;
    let token = world.token().await;
    world.check(&token.text).await.unwrap();
    cut(&world, &Cut::Session("adas-session".into())).await;
    let mut looks = 0;
    while world.clock.advance(Duration::from_secs(20)) < token.expires_at {
        assert_eq!(world.check(&token.text).await.unwrap_err(), Invalid::Revoked);
        looks += 1;
    }
    assert!(looks > 40);
}

// Proves std 98; L 5.
#[tokio::test]
async fn without_the_store_a_view_serves_for_thirty_seconds_and_then_it_is_an_outage() {
    let world = World::new().await;
    let token = world.token().await;
    world.check(&token.text).await.unwrap();
    world.records.set_away(true);
    for millis in [6_000, 20_000, 29_999] {
        world.clock.set(NOW + Duration::from_millis(millis));
        world.check(&token.text).await.unwrap();
    }
    for millis in [30_000, 30_500, 90_000] {
        let now = NOW + Duration::from_millis(millis);
        let answer = check(&world.parts, &token.text, OURS, now).await;
        assert!(matches!(answer, Err(CheckError::Outage(_))), "after {millis} ms");
    }
    world.records.set_away(false);
    world.clock.set(NOW + Duration::from_secs(92));
    cut(&world, &Cut::Session("adas-session".into())).await;
    assert_eq!(world.check(&token.text).await.unwrap_err(), Invalid::Revoked, "it catches up");
}

#[tokio::test]
async fn a_process_that_has_never_seen_the_feed_believes_nobody_without_it() {
    let world = World::new().await;
    let token = world.token().await;
    let fresh = world.process("https://gate.example");
    world.records.set_away(true);
    let answer = check(&fresh, &token.text, OURS, NOW).await;
    assert!(matches!(answer, Err(CheckError::Outage(_))));
}

#[tokio::test]
async fn an_announcement_that_lands_late_is_found_all_the_same() {
    // On both sides of the border between two slots of the feed.
    let border = Timestamp::from_secs(NOW.secs() / 300 * 300 + 300);
    for refreshed_at in [border.before(Duration::from_secs(20)), border + Duration::from_secs(20)] {
        let world = World::new().await;
        let token = world.token().await;
        let process = world.process("https://gate.example");
        seen(&process, &token.text, refreshed_at).await.unwrap();
        let named = refreshed_at.before(Duration::from_secs(50));
        let cut = Cut::Session("adas-session".into());
        Feed::new(&*world.records, &*world.random)
            .announce(&Announcement::of(&cut, named), named)
            .await
            .unwrap();
        let later = refreshed_at + FEED_LAG + MILLI;
        assert_eq!(seen(&process, &token.text, later).await, Err(Invalid::Revoked));
    }
}

#[tokio::test]
async fn an_announcement_of_a_writer_whose_clock_runs_ahead_is_found_at_once() {
    let world = World::new().await;
    let token = world.token().await;
    let border = Timestamp::from_secs(NOW.secs() / 300 * 300 + 300);
    let now = border.before(Duration::from_secs(10));
    let ahead = border + Duration::from_secs(20);
    let cut = Cut::Session("adas-session".into());
    Feed::new(&*world.records, &*world.random)
        .announce(&Announcement::of(&cut, ahead), ahead)
        .await
        .unwrap();
    assert_eq!(seen(&world.parts, &token.text, now).await, Err(Invalid::Revoked));
}

#[tokio::test]
async fn of_many_requests_that_find_the_view_old_one_renews_it() {
    let world = World::new().await;
    let token = world.token().await;
    world.check(&token.text).await.unwrap();
    world.clock.advance(FEED_LAG + MILLI);
    let before = world.records.calls();
    world.check(&token.text).await.unwrap();
    let one_renewal = world.records.calls() - before;
    assert!(one_renewal > 0);
    world.clock.advance(FEED_LAG + MILLI);
    let before = world.records.calls();
    let answers = join_all((0..50).map(|_| world.check(&token.text))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(world.records.calls() - before, one_renewal);

    // Nor do fifty knock at a store that is away.
    world.records.set_away(true);
    world.clock.advance(FEED_LAG + MILLI);
    let before = world.records.calls();
    let answers = join_all((0..50).map(|_| world.check(&token.text))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(world.records.calls() - before <= one_renewal);
}

async fn seen(process: &Parts, token: &str, now: Timestamp) -> Result<(), Invalid> {
    super::world::verdict(check(process, token, OURS, now).await).map(|_| ())
}
