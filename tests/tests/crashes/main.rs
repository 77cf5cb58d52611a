//! Workers that die, freeze or lose an answer at every point at which they touch the world: exactly once in effect.
//!
//! The worker is the real one. Only what it stands on is played: the store, the queue, the script and its target, and
//! time, which passes at once. A process that dies is never asked again; one that freezes wakes up after its run
//! was taken over.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatelet_core::automation::{Effect, State};
use gatelet_core::records::Records;
use gatelet_local::{Database, SqliteRecords};
use gatelet_mishaps::{Fate, House, Process, Way, When, at_any_point, many_at_once};
use gatelet_played::NOW;

/// By how much the clocks of the first process and of all others are ahead.
type Clocks = (Duration, Duration);

const ALIKE: Clocks = (Duration::ZERO, Duration::ZERO);

/// One run from its request to its end, whatever befalls the first process.
async fn live(
    effect: Effect,
    (first, others): Clocks,
    way: Way,
    at: usize,
    when: When,
) -> (House, usize) {
    let house = House::new(effect);
    let fate = Fate::of(way, at, when);
    let first = Process::of(&house.ahead(first), Arc::clone(&fate));
    let house = house.ahead(others);
    {
        let mut life = std::pin::pin!(first.live(true));
        tokio::select! {
            biased;
            () = &mut life => {}
            () = fate.has_struck() => {
                if way == Way::Freeze {
                    let before = house.survive().await;
                    fate.thaw();
                    life.await;
                    assert_eq!(house.seen(), before, "a shadow did something at {at}");
                }
            }
        }
    }
    house.survive().await;
    house.check(0).await;
    (house, fate.points().len())
}

async fn everywhere(effect: Effect, way: Way) -> Vec<House> {
    everywhere_with(effect, ALIKE, way).await
}

async fn everywhere_with(effect: Effect, clocks: Clocks, way: Way) -> Vec<House> {
    let (_, points) = live(effect, ALIKE, Way::None, 0, When::Before).await;
    assert!(points >= 10, "the life has many points: {points}");
    let mut houses = Vec::new();
    for at in 0..points {
        for when in [When::Before, When::After] {
            let (house, _) = live(effect, clocks, way, at, when).await;
            let told = format!("{way:?} {when:?} {at}: {:?}", house.seen());
            assert!(house.seen().within_promise(), "{told}");
            houses.push(house);
        }
    }
    houses
}

#[tokio::test(start_paused = true)]
async fn a_worker_dies_at_any_point_and_every_effect_happens_once() {
    for house in everywhere(Effect::Steps, Way::Die).await {
        // Whoever is asked tells the truth, so in the end everything has happened.
        assert_eq!(house.run(0).await.state, State::Succeeded);
        assert!(house.seen().is_complete(), "{:?}", house.seen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_dies_in_a_script_without_steps_and_nothing_happens_twice() {
    for house in everywhere(Effect::Unsafe, Way::Die).await {
        let state = house.run(0).await.state;
        assert!(matches!(state, State::Succeeded | State::Failed), "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_wakes_up_after_a_takeover_does_nothing_more() {
    for house in everywhere(Effect::Steps, Way::Freeze).await {
        assert_eq!(house.run(0).await.state, State::Succeeded);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_store_is_lost_and_nobody_outside_notices() {
    for house in everywhere(Effect::Steps, Way::LoseAnswer).await {
        assert_eq!(house.run(0).await.state, State::Succeeded);
        assert!(house.seen().is_complete());
    }
}

#[tokio::test(start_paused = true)]
async fn clocks_that_differ_by_ten_seconds_change_nothing_of_that() {
    const TEN: Duration = Duration::from_secs(10);
    for clocks in [(TEN, Duration::ZERO), (Duration::ZERO, TEN)] {
        for way in [Way::Die, Way::Freeze, Way::LoseAnswer] {
            for house in everywhere_with(Effect::Steps, clocks, way).await {
                assert_eq!(house.run(0).await.state, State::Succeeded);
                assert!(house.seen().is_complete(), "{clocks:?} {way:?}: {:?}", house.seen());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_script_is_killed_at_any_point_and_every_effect_happens_once() {
    let mut attempts = BTreeSet::new();
    for house in everywhere(Effect::Steps, Way::LoseScript).await {
        let run = house.run(0).await;
        assert_eq!(run.state, State::Succeeded);
        assert!(house.seen().is_complete(), "{:?}", house.seen());
        attempts.insert(run.attempt);
    }
    assert_eq!(attempts, BTreeSet::from([1, 2]), "some were killed");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_brought_back_from_the_dead_letters_changes_nothing() {
    for kills in [false, true] {
        let house = House::new(Effect::Steps);
        if kills {
            house.target.kill_scripts();
        }
        let process = Process::of(&house, Fate::none());
        process.ask(0).await;
        let message = house.inbox.take(NOW).await.unwrap().message;
        let other = Process::of(&house, Fate::none());
        // While another worker has the run.
        futures::join!(process.deliver(message.clone()), async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            assert!(house.run(0).await.lease_until.is_some(), "it is somebody's");
            other.deliver(message.clone()).await;
        });
        // While it waits for its next attempt, and once it is over.
        other.deliver(message.clone()).await;
        house.survive().await;
        let (run, seen) = (house.check(0).await, house.seen());
        assert_eq!(run.state, if kills { State::Poisoned } else { State::Succeeded });
        tokio::time::sleep(Duration::from_hours(24)).await;
        other.deliver(message).await;
        assert_eq!((house.check(0).await, house.seen()), (run, seen));
    }
}

#[tokio::test(start_paused = true)]
async fn messages_come_twice_at_once_and_in_another_order() {
    let house = House::new(Effect::Steps);
    let process = Process::of(&house, Fate::none());
    process.ask(0).await;
    let other = Process::of(&house, Fate::none());
    let message = house.inbox.take(NOW).await.unwrap().message;
    futures::join!(
        process.deliver(message.clone()),
        other.deliver(message.clone()),
        process.deliver(message.clone()),
    );
    process.deliver(message).await;
    house.check(0).await;
    let run = house.run(0).await;
    assert_eq!((run.state, run.attempt), (State::Succeeded, 1), "one of them did it");
    assert!(house.seen().is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_script_that_dies_of_itself_is_begun_again_until_its_attempts_are_used_up() {
    let house = House::new(Effect::Steps);
    house.target.kill_scripts();
    let process = Process::of(&house, Fate::none());
    process.live(true).await;
    house.survive().await;
    house.check(0).await;
    let run = house.run(0).await;
    assert_eq!((run.state, run.attempt), (State::Poisoned, 3));
    assert_eq!(run.code.as_deref(), Some("script_lost"));
}

#[test]
fn a_process_is_stopped_at_any_point_of_the_embedded_store_and_the_next_one_ends_what_it_began() {
    let test = "a_process_is_stopped_at_any_point_of_the_embedded_store_and_the_next_one_ends_what_it_began";
    at_any_point(test, || "here".into(), embedded);
}

#[test]
fn two_hundred_runs_at_once_over_the_embedded_store_happen_once_each() {
    let test = "two_hundred_runs_at_once_over_the_embedded_store_happen_once_each";
    many_at_once(test, || "here".into(), embedded);
}

fn embedded(_: &str, folder: &Path) -> Arc<dyn Records> {
    Arc::new(SqliteRecords::new(Database::open(&folder.join("records")).unwrap()))
}
