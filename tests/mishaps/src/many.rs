//! Two hundred runs at once: every message comes three times and in no order, to three real processes, of which one is
//! killed in the middle of its work.

use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use futures::future::join_all;
use gatelet_contracts::SeededRandom;
use gatelet_core::automation::{Effect, Queue as _, State};
use gatelet_core::random::draw;
use tokio::runtime::Builder;

use crate::fate::Fate;
use crate::killed::{LATER, Opens, PATIENCE, Story, order_of};
use crate::process::{House, Process, run_id};
use crate::target::Target;

/// How many runs there are.
const RUNS: usize = 200;
/// How often each message comes.
const COPIES: usize = 3;
/// How many processes work at the same time, and on how many messages each.
const WORKERS: usize = 3;
const HANDS: usize = 4;
/// How much a run does to its target.
const EFFECTS: usize = 5;

/// Tells it over the records that `open` finds in the place that `prepare` made, as
/// [`at_any_point`](crate::at_any_point) does. Real processes share a clock, so here time is real, but for what
/// comes ten minutes after the kill.
pub fn many_at_once(test: &str, prepare: impl FnOnce() -> String, open: impl Opens) {
    if let Some(order) = order_of() {
        return be(&order, &open);
    }
    let place = prepare();
    let story = Story::new(test, &place);
    let began = Instant::now();
    let order = |role: &str| format!("{role} - {}", began.elapsed().as_millis());
    story.ends_well(&order("asker"));
    let mut workers: Vec<_> = (0..WORKERS).map(|_| story.start(&order("worker"))).collect();
    let mut victim = workers.pop().unwrap();
    while Target::count(story.folder()) < RUNS * EFFECTS / 4 {
        assert!(began.elapsed() < PATIENCE, "nothing happens");
        assert!(victim.try_wait().unwrap().is_none(), "it ended before it was killed");
        sleep(Duration::from_millis(2));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(Target::count(story.folder()) < RUNS * EFFECTS, "it was killed in the middle");
    for mut worker in workers {
        assert!(worker.wait().unwrap().success());
    }
    story.ends_well("last - 0");
}

/// Is one of the processes.
fn be(order: &str, open: &impl Opens) {
    let mut words = order.splitn(5, ' ');
    let mut word = || words.next().unwrap();
    let (role, _, since) = (word(), word(), word().parse().unwrap());
    let (place, folder) = (word(), Path::new(word()));
    let records = open(place, folder);
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(role == "last").build().unwrap();
    runtime.block_on(async {
        let since = Duration::from_millis(since);
        let house = |later| House::at(folder, Arc::clone(&records), Effect::Steps, later);
        match role {
            "last" => end_all(house(LATER)).await,
            "asker" => ask_for_all(house(since)).await,
            _ => {
                let house = house(since).without_pauses();
                let process = Process::of(&house, Fate::none());
                join_all((0..HANDS).map(|_| process.work())).await;
            }
        }
    });
}

/// Asks for all runs, and lets their messages come again and in no order.
async fn ask_for_all(house: House) {
    let process = Process::of(&house, Fate::none());
    for number in 0..RUNS {
        process.ask(number).await;
    }
    let mut messages = Vec::new();
    while let Some(handed) = house.inbox.take(house.now()).await {
        house.inbox.delete(&handed).await;
        messages.push(handed.message);
    }
    assert_eq!(messages.len(), RUNS);
    let random = SeededRandom::new(1);
    let copies = messages.iter().flat_map(|message| vec![message; COPIES]);
    let mut copies: Vec<_> = copies.map(|message| (draw::<8>(&random), message)).collect();
    copies.sort_by_key(|(place, _)| *place);
    for (_, message) in copies {
        house.inbox.send(message).await.unwrap();
    }
}

/// Goes on until every run is over, as the processes of later minutes would, and checks each.
async fn end_all(house: House) {
    let process = Process::of(&house, Fate::none());
    let mut going: Vec<usize> = (0..RUNS).collect();
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_mins(1)).await;
        process.live(false).await;
        let mut still = Vec::new();
        for number in going {
            let run = house.run(number).await;
            if run.state == State::Uncertain {
                house.say(&run).await;
            }
            if !run.state.is_final() {
                still.push(number);
            }
        }
        going = still;
        if going.is_empty() {
            break;
        }
    }
    let mut lost = 0;
    for number in 0..RUNS {
        let run = house.check(number).await;
        assert_eq!(run.state, State::Succeeded, "{run:?}");
        let seen = house.target.seen(&run_id(number));
        assert!(seen.is_complete(), "{number}: {seen:?}");
        lost += usize::from(run.attempt > 1);
    }
    assert!((1..=HANDS).contains(&lost), "the killed process had some in its hands: {lost}");
}
