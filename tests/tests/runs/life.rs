//! The life of a run: claims, lost holders, pauses, ends, and people who cancel.

use std::time::Duration;

use gatelet_contracts::records::Last;
use gatelet_contracts::runs::PlayedPace;
use gatelet_core::automation::attempt::{Gone, Pulse};
use gatelet_core::automation::{
    Cancelled, Claim, Due, Effect, EffectClass, Ending, Failure, LEASE, Requested, SKEW, State,
};
use gatelet_core::records::Records;
use gatelet_played::MemoryRecords;

use crate::stage::{Stage, acme, ada, begin, intent};

#[tokio::test]
async fn a_holder_that_lives_keeps_its_run_and_one_that_is_silent_loses_it() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&holder, None).await;
    for _ in 0..10 {
        stage.pass(59);
        assert_eq!(holder.heartbeat().await, Pulse::Beats);
        assert_eq!(stage.claim(&id).await, Claim::Held);
    }
    stage.pass(LEASE.as_secs() + SKEW.as_secs() - 1);
    assert_eq!(stage.claim(&id).await, Claim::Held, "clocks may differ");
    stage.pass(1);
    let Claim::Granted(next) = stage.claim(&id).await else { panic!("it is free") };
    assert_eq!((next.fence, next.attempt), (2, 2));
    assert_eq!(holder.heartbeat().await, Pulse::Lost);
    let ended = holder.finish(Ending::Cancelled).await;
    assert!(matches!(ended, Err(Gone::Lost)), "the old holder ends nothing");
    assert_eq!(stage.check(&id).await.state, State::Leased);
}

#[tokio::test]
async fn a_takeover_waits_for_the_end_of_the_old_credential() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    let ends = stage.now() + Duration::from_mins(15);
    begin(&holder, Some(ends)).await;
    stage.pass(66);
    assert_eq!(stage.claim(&id).await, Claim::Waits);
    let run = stage.check(&id).await;
    assert_eq!((run.state, run.continues_at()), (State::Recovering, Some(ends)));
    assert_eq!(holder.heartbeat().await, Pulse::Lost, "its lease is over for good");

    stage.clock.set(ends + SKEW);
    let Due::Worker(_) = stage.tend(&id).await else { panic!("it may go on") };
    assert!(matches!(stage.claim(&id).await, Claim::Granted(run) if run.attempt == 2));
}

#[tokio::test]
async fn a_step_that_nobody_can_vouch_for_waits_for_a_person() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&holder, None).await;
    holder.hear(intent("mail", EffectClass::D)).await;
    stage.pass(66);
    assert_eq!(stage.tend(&id).await, Due::Nothing(None));
    let run = stage.check(&id).await;
    assert_eq!((run.state, run.code.as_deref()), (State::Uncertain, Some("outcome_unknown")));
    stage.pass(10 * 24 * 3600);
    assert_eq!(stage.claim(&id).await, Claim::Waits, "time alone decides nothing");
}

#[tokio::test]
async fn attempts_are_counted_before_they_begin_and_the_last_one_is_the_last() {
    let stage = Stage::new();
    let id = stage.ask("k", |_| ()).await;
    for attempt in 1..=3 {
        let Claim::Granted(run) = stage.claim(&id).await else { panic!("attempt {attempt}") };
        assert_eq!(run.attempt, attempt);
        // It dies before it says a word.
        stage.pass(66);
    }
    assert_eq!(stage.claim(&id).await, Claim::Over);
    let run = stage.check(&id).await;
    assert_eq!((run.state, run.code.as_deref()), (State::Poisoned, Some("script_lost")));
    assert!(run.ended_at.is_some());
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_after_a_pause() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    for (attempt, pause) in [(1, 10), (2, 20)] {
        let holder = stage.hold(&pace, &id, Effect::Steps).await;
        begin(&holder, Some(stage.now() + Duration::from_hours(1))).await;
        let again = Ending::Again(Failure::of("script:full"));
        let (run, _) = holder.finish(again).await.unwrap();
        assert_eq!((run.state, run.attempt), (State::Queued, attempt));
        let waits = run.continues_at().unwrap().since(stage.now());
        assert_eq!(waits.as_secs(), pause, "its script is gone, so no credential is waited for");
        assert_eq!(stage.claim(&id).await, Claim::Waits);
        stage.pass(pause);
    }
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    let (run, _) = holder.finish(Ending::Again(Failure::of("script:full"))).await.unwrap();
    assert_eq!((run.state, run.code.as_deref()), (State::Failed, Some("script:full")));
    stage.check(&id).await;
}

#[tokio::test]
async fn no_attempt_begins_after_the_deadline() {
    let stage = Stage::new();
    let id = stage
        .ask("k", |request| request.deadline = request.deadline.before(Duration::from_hours(23)))
        .await;
    stage.pass(3600);
    assert_eq!(stage.claim(&id).await, Claim::Over);
    assert_eq!(stage.check(&id).await.state, State::TimedOut);
}

#[tokio::test]
async fn a_person_cancels_what_waits_at_once_and_what_runs_through_its_holder() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let waits = stage.ask("waits", |_| ()).await;
    let cancel = async |id: &_| stage.runs().cancel(&acme(), id, ada(), stage.now()).await.unwrap();
    assert!(matches!(cancel(&waits).await, Cancelled::Now(_)));
    assert!(matches!(cancel(&waits).await, Cancelled::Over(_)));
    assert_eq!(stage.check(&waits).await.state, State::Cancelled);

    let runs = stage.ask("runs", |_| ()).await;
    let holder = stage.hold(&pace, &runs, Effect::Steps).await;
    begin(&holder, None).await;
    assert_eq!(holder.look().await, Pulse::Beats);
    assert!(matches!(cancel(&runs).await, Cancelled::Asked(_)));
    assert_eq!(holder.look().await, Pulse::Cancelled);
    let stop = gatelet_core::automation::attempt::Answer::Stop { reason: "cancelled".into() };
    assert_eq!(holder.hear(intent("put", EffectClass::B)).await, stop, "nothing begins any more");
    assert_eq!(stage.check(&runs).await.state, State::Running, "over once its script is gone");
    holder.finish(Ending::Cancelled).await.unwrap();
    assert_eq!(stage.check(&runs).await.state, State::Cancelled);
}

#[tokio::test]
async fn a_cancelled_run_whose_worker_died_ends_without_another_attempt() {
    let stage = Stage::new();
    let id = stage.ask("k", |_| ()).await;
    assert!(matches!(stage.claim(&id).await, Claim::Granted(_)));
    stage.runs().cancel(&acme(), &id, ada(), stage.now()).await.unwrap();
    stage.pass(66);
    assert_eq!(stage.tend(&id).await, Due::Over(None));
    let run = stage.check(&id).await;
    assert_eq!((run.state, run.attempt), (State::Cancelled, 1));
}

// Proves L 63.
#[tokio::test]
async fn the_same_request_is_one_run_however_often_and_however_it_is_repeated() {
    let stage = Stage::new();
    let id = stage.ask("k", |_| ()).await;
    let first = stage.find(&id).await;
    let request = |change: &str| {
        let mut request = gatelet_contracts::runs::run_request(&acme(), id.clone(), stage.now());
        request.fingerprint = change.into();
        request
    };
    let ask = async |change| stage.runs().request(&request(change), stage.now()).await.unwrap();
    assert_eq!(ask("f").await, Requested::Before(first.clone()));
    assert_eq!(ask("other").await, Requested::Mismatch);
    let both = futures::join!(ask("f"), ask("f"));
    assert_eq!(both, (Requested::Before(first.clone()), Requested::Before(first)));
}

#[tokio::test]
async fn a_lost_answer_of_the_store_is_found_out_and_nothing_is_done_twice() {
    for stop in 0..4 {
        for last in [Last::Applied, Last::Lost] {
            let stage = Stage::new();
            let pace = PlayedPace(&stage.clock);
            let id = stage.ask("k", |_| ()).await;
            let Claim::Granted(run) = stage.claim(&id).await else { panic!("it is free") };
            let flaky = Flaky::new(&stage.records, stop, last);
            let runs = gatelet_core::automation::Runs::new(&flaky, &stage.random);
            let time = (&stage.clock as _, &pace as _);
            let holder = gatelet_core::automation::attempt::Holder::new(
                runs,
                &stage.objects,
                time,
                Effect::Steps,
                *run,
            );
            begin(&holder, None).await;
            holder.hear(intent("put", EffectClass::B)).await;
            let ending = holder.keep_result(&1.into()).await.unwrap();
            holder.finish(ending).await.unwrap();
            let run = stage.check(&id).await;
            assert_eq!((run.state, run.steps), (State::Succeeded, 1), "{stop} {last:?}");
        }
    }
}

#[tokio::test]
async fn a_store_that_stays_away_ends_the_attempt_with_its_lease() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let Claim::Granted(run) = stage.claim(&id).await else { panic!("it is free") };
    let away = Flaky { forever: true, ..Flaky::new(&stage.records, 0, Last::Lost) };
    let runs = gatelet_core::automation::Runs::new(&away, &stage.random);
    let time = (&stage.clock as _, &pace as _);
    let holder = gatelet_core::automation::attempt::Holder::new(
        runs,
        &stage.objects,
        time,
        Effect::Steps,
        *run.clone(),
    );
    assert!(matches!(holder.finish(Ending::Cancelled).await, Err(Gone::Away(_))));
    assert!(stage.now() <= run.lease_until.unwrap(), "it gives up before its lease ends");
}

/// Loses one commit, applied or not, and is there again afterwards, unless it stays away.
struct Flaky<'a> {
    records: &'a MemoryRecords,
    left: std::sync::Mutex<Option<usize>>,
    last: Last,
    /// Whether every commit is lost from then on.
    forever: bool,
}

impl<'a> Flaky<'a> {
    fn new(records: &'a MemoryRecords, after: usize, last: Last) -> Self {
        Self { records, left: std::sync::Mutex::new(Some(after)), last, forever: false }
    }

    fn loses(&self) -> bool {
        let mut left = self.left.lock().unwrap();
        match *left {
            Some(0) => {
                *left = self.forever.then_some(0);
                true
            }
            Some(more) => {
                *left = Some(more - 1);
                false
            }
            None => false,
        }
    }
}

#[async_trait::async_trait]
impl Records for Flaky<'_> {
    async fn get(
        &self,
        at: &gatelet_core::records::Partition,
        key: &gatelet_core::records::Name,
        now: gatelet_core::clock::Timestamp,
    ) -> Result<Option<gatelet_core::records::Record>, gatelet_core::outage::Outage> {
        self.records.get(at, key, now).await
    }

    async fn list(
        &self,
        at: &gatelet_core::records::Partition,
        range: &gatelet_core::records::Range,
        now: gatelet_core::clock::Timestamp,
    ) -> Result<gatelet_core::records::Page, gatelet_core::outage::Outage> {
        self.records.list(at, range, now).await
    }

    async fn commit(
        &self,
        commit: &gatelet_core::records::Commit,
        now: gatelet_core::clock::Timestamp,
    ) -> Result<gatelet_core::records::Outcome, gatelet_core::outage::Outage> {
        if !self.loses() {
            return self.records.commit(commit, now).await;
        }
        if self.last == Last::Applied {
            let _ = self.records.commit(commit, now).await?;
        }
        Err(gatelet_core::outage::Outage::uncertain("commit", "the answer was lost"))
    }

    async fn purge(
        &self,
        before: gatelet_core::clock::Timestamp,
        budget: usize,
    ) -> Result<gatelet_core::records::Purged, gatelet_core::outage::Outage> {
        self.records.purge(before, budget).await
    }
}
