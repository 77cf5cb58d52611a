//! How many runs of one automation go on at a time.

use gatelet_contracts::runs::{PlayedPace, run_request};
use gatelet_core::automation::catalog::OnBusy;
use gatelet_core::automation::{Claim, Due, Effect, Ending, Failure, Requested, RunId, RunRequest};

use crate::stage::{Stage, acme};

fn request(stage: &Stage, key: &str, on_busy: OnBusy) -> RunRequest {
    let id = RunId::derive(&acme(), "ada", "route", key);
    RunRequest { limit: 1, on_busy, ..run_request(&acme(), id, stage.now()) }
}

// Proves L 59.
#[tokio::test]
async fn a_run_without_room_waits_is_refused_or_is_told_which_one_goes_on() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let runs = stage.runs();
    let ask = async |key: &str, on_busy| {
        runs.request(&request(&stage, key, on_busy), stage.now()).await.unwrap()
    };
    let Requested::New(first) = ask("first", OnBusy::Queue).await else { panic!("new") };
    let holder = stage.hold(&pace, &first.id, Effect::Reads).await;
    let Requested::New(second) = ask("second", OnBusy::Queue).await else { panic!("it waits") };
    assert_eq!(stage.claim(&second.id).await, Claim::Busy);
    assert_eq!(ask("third", OnBusy::Reject).await, Requested::Busy);
    let Requested::Joined(joined) = ask("fourth", OnBusy::Coalesce).await else { panic!("joined") };
    assert_eq!(joined.id, first.id);
    let third = RunId::derive(&acme(), "ada", "route", "third");
    assert_eq!(runs.find(&acme(), &third, stage.now()).await.unwrap(), None, "nothing was begun");

    let (_, next) = holder.finish(Ending::Failed(Failure::of("test"))).await.unwrap();
    assert_eq!(next, Some(second.id.clone()), "whoever ends knows who is next");
    assert!(matches!(stage.claim(&second.id).await, Claim::Granted(_)));
    assert_eq!(ask("fifth", OnBusy::Reject).await, Requested::Busy);
}

#[tokio::test]
async fn a_slot_whose_run_never_came_or_is_over_is_nobodys() {
    let stage = Stage::new();
    let runs = stage.runs();
    // A request that died after it took its slot.
    let dead = request(&stage, "dead", OnBusy::Reject);
    let slots = gatelet_core::automation::Slots::new(&stage.records, &stage.random, acme());
    assert!(slots.take("a", (&dead.id, dead.deadline), 1, stage.now()).await.unwrap());
    let asked = runs.request(&request(&stage, "next", OnBusy::Reject), stage.now()).await.unwrap();
    let Requested::New(run) = asked else { panic!("there is room") };
    assert_eq!(slots.holders("a", stage.now()).await.unwrap(), [run.id]);
}

#[tokio::test]
async fn a_run_that_waits_for_a_person_leaves_its_slot_to_others() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let asked = request(&stage, "first", OnBusy::Queue);
    stage.runs().request(&asked, stage.now()).await.unwrap();
    let holder = stage.hold(&pace, &asked.id, Effect::Unsafe).await;
    crate::stage::begin(&holder, None).await;
    let waiting = request(&stage, "second", OnBusy::Queue);
    stage.runs().request(&waiting, stage.now()).await.unwrap();
    assert_eq!(stage.claim(&waiting.id).await, Claim::Busy);
    stage.pass(66);
    assert_eq!(stage.tend(&asked.id).await, Due::Nothing(Some(waiting.id.clone())));
    assert!(matches!(stage.claim(&waiting.id).await, Claim::Granted(_)));
}
