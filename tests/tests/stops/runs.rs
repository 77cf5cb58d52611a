//! Runs: asked for, claimed, carried out and ended, stopped after each commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gatelet_contracts::records::{Last, StopAfter};
use gatelet_contracts::runs::{MemoryObjects, PlayedPace};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::automation::attempt::{Answer, Beginning, Gone, Holder, Message};
use gatelet_core::automation::catalog::OnBusy;
use gatelet_core::automation::{
    Cancelled, Claim, Effect, EffectClass, Ending, Failure, LEASE, OpenRuns, OutcomeRecord,
    Recorded, Redactor, Requested, Run, RunRequest, Runs, SKEW, SandboxReport, Slots, State,
    StepOutcome,
};
use gatelet_core::clock::Clock as _;
use gatelet_core::records::{Records, StoreError};

use crate::everywhere::{fine, nothing, stopped_everywhere, store};
use crate::{NOW, acme, chain, listed, open, request};

#[tokio::test]
async fn a_run_is_asked_for() {
    let random = SeededRandom::new(4);
    // The second try comes a minute later, and still there is one run, listed once.
    let clock = std::cell::Cell::new(NOW);
    stopped_everywhere(
        3,
        nothing,
        async |records, ()| {
            clock.set(clock.get() + Duration::from_mins(1));
            Runs::new(records, &random).request(&request(), clock.get()).await
        },
        async |records, ()| {
            // An entry without its row is passed over; a row without its entries would never be swept.
            let runs = Runs::new(records, &random);
            if runs.find(&acme(), &request().id, NOW).await.unwrap().is_some() {
                assert_eq!(listed(records, &random, clock.get()).await, [request().id]);
                assert_eq!(open(records, &random).await.len(), 1);
            }
        },
        async |records, (), requested| {
            let (Requested::New(run) | Requested::Before(run)) = requested else {
                unreachable!("the same was asked for")
            };
            assert_eq!(listed(records, &random, clock.get()).await, [request().id]);
            let open = open(records, &random).await;
            assert_eq!(open.len(), 1);
            assert_eq!(open.first().map(|open| open.requested_at), Some(run.requested_at));
            assert_eq!(chain(records, &run).await, Some(run.audit));
        },
    )
    .await;
}

#[tokio::test]
async fn a_request_begun_anew_takes_its_entry_from_under_the_sweep() {
    let random = SeededRandom::new(10);
    let (_folder, records) = store();
    let stopped = StopAfter::new(Arc::clone(&records), 1, Last::Lost);
    Runs::new(&stopped, &random).request(&request(), NOW).await.unwrap_err();
    let seen = open(&*records, &random).await;

    let later = NOW + Duration::from_hours(2);
    let stopped = StopAfter::new(Arc::clone(&records), 1, Last::Lost);
    Runs::new(&stopped, &random).request(&request(), later).await.unwrap_err();
    for entry in &seen {
        // What the sweep saw before the second request began.
        OpenRuns::new(&*records, &random).leave(entry, later).await.unwrap();
    }
    let kept = open(&*records, &random).await;
    assert_eq!(kept.iter().map(|entry| entry.entered_at).collect::<Vec<_>>(), [later]);
    assert_eq!(kept.first().map(|entry| entry.requested_at), Some(NOW), "the first time counts");
}

/// What a worker does with a run, whose script says that it failed.
async fn carry_out(
    records: &dyn Records,
    random: &SeededRandom,
    clock: &ManualClock,
    act: impl AsyncFnOnce(&Holder<'_>) -> Result<(), Gone>,
) -> Result<Option<Run>, StoreError> {
    // Whoever tries again comes after the lease of the one who stopped.
    clock.advance(LEASE + SKEW);
    let runs = Runs::new(records, random);
    let run = match runs.claim(&acme(), &request().id, clock.now()).await? {
        Claim::Granted(run) => *run,
        Claim::Over | Claim::Waits => return Ok(None),
        other => unreachable!("{other:?}"),
    };
    let (objects, pace) = (MemoryObjects::default(), PlayedPace(clock));
    let holder = Holder::new(runs, &objects, (clock, &pace), Effect::Steps, run);
    let told = |gone| match gone {
        Gone::Away(away) => away,
        Gone::Lost => StoreError::Contended { what: "a run that is held" },
    };
    act(&holder).await.map_err(told)?;
    let failed = Ending::Failed(Failure::of("test"));
    let (run, _) = holder.finish(failed).await.map_err(told)?;
    // The slot is back, or this gives it back.
    runs.tend(&acme(), &run.id, clock.now()).await?;
    Ok(Some(run))
}

async fn settled(records: &dyn Records, random: &SeededRandom, clock: &ManualClock) -> Run {
    let runs = Runs::new(records, random);
    let run = runs.find(&acme(), &request().id, clock.now()).await.unwrap().unwrap();
    assert_eq!(chain(records, &run).await, Some(run.audit.clone()));
    let ends = runs.audit(&run, clock.now()).await.unwrap();
    let ends = ends.iter().filter(|entry| String::from_utf8_lossy(entry).contains("run.finish"));
    assert!(ends.count() <= 1, "it ends once");
    run
}

#[tokio::test]
async fn a_run_is_claimed_and_finished() {
    let (random, clock) = (SeededRandom::new(5), ManualClock::at(NOW));
    stopped_everywhere(
        2,
        async |records| {
            clock.set(NOW);
            Runs::new(records, &random).request(&request(), NOW).await.unwrap();
        },
        async |records, ()| carry_out(records, &random, &clock, async |_| Ok(())).await,
        fine,
        async |records, (), _| {
            let run = settled(records, &random, &clock).await;
            assert_eq!((run.state, run.code.as_deref()), (State::Failed, Some("test")));
            assert!(run.fence <= 2, "one try more than the one that stopped");
        },
    )
    .await;
}

#[tokio::test]
async fn a_run_with_a_slot_gives_it_back() {
    let (random, clock) = (SeededRandom::new(13), ManualClock::at(NOW));
    let asked = RunRequest { limit: 1, ..request() };
    stopped_everywhere(
        4,
        async |records| {
            clock.set(NOW);
            Runs::new(records, &random).request(&asked, NOW).await.unwrap();
        },
        async |records, ()| carry_out(records, &random, &clock, async |_| Ok(())).await,
        fine,
        async |records, (), _| {
            assert_eq!(settled(records, &random, &clock).await.state, State::Failed);
            let slots = Slots::new(records, &random, acme());
            let holders = slots.holders("a", clock.now()).await.unwrap();
            // A slot that a dead holder left is nobody's to whoever wants it.
            let runs = Runs::new(records, &random);
            runs.tend(&acme(), &asked.id, clock.now()).await.unwrap();
            assert!(holders.len() <= 1);
            assert_eq!(slots.holders("a", clock.now()).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test]
async fn a_run_that_may_not_wait_is_asked_for() {
    let random = SeededRandom::new(14);
    let asked = RunRequest { limit: 1, on_busy: OnBusy::Reject, ..request() };
    stopped_everywhere(
        4,
        nothing,
        async |records, ()| Runs::new(records, &random).request(&asked, NOW).await,
        async |records, ()| {
            // Another one is refused only while the first is there.
            let runs = Runs::new(records, &random);
            let is_there = runs.find(&acme(), &asked.id, NOW).await.unwrap().is_some();
            let holders = Slots::new(records, &random, acme()).holders("a", NOW).await.unwrap();
            assert!(!is_there || holders == [asked.id.clone()]);
        },
        async |_, (), requested| {
            assert!(matches!(requested, Requested::New(_) | Requested::Before(_)));
        },
    )
    .await;
}

#[tokio::test]
async fn an_unsafe_step_is_begun_once_or_left_to_a_person() {
    let (random, clock) = (SeededRandom::new(15), ManualClock::at(NOW));
    let begun = std::cell::Cell::new(0);
    stopped_everywhere(
        6,
        async |records| {
            clock.set(NOW);
            begun.set(0);
            Runs::new(records, &random).request(&request(), NOW).await.unwrap();
        },
        async |records, ()| {
            carry_out(records, &random, &clock, async |holder| {
                holder.begin(&beginning(), no_secrets()).await?;
                for (message, counts) in
                    [(Message::Hello, false), (intent(), true), (done(), false)]
                {
                    match holder.hear(message).await {
                        Answer::Stop { .. } => return Err(away()),
                        Answer::Begin { repeated, .. } if counts => {
                            assert!(!repeated);
                            begun.set(begun.get() + 1);
                        }
                        _ => {}
                    }
                }
                Ok(())
            })
            .await
        },
        fine,
        async |records, (), _| {
            let run = settled(records, &random, &clock).await;
            assert!(begun.get() <= 1, "never twice");
            match run.state {
                State::Failed => assert!(run.unproven.is_empty()),
                State::Uncertain => assert_eq!(run.unproven.len(), 1),
                other => unreachable!("{other:?}"),
            }
        },
    )
    .await;
}

#[tokio::test]
async fn what_a_person_says_about_a_run_is_one_commit() {
    let (random, clock) = (SeededRandom::new(16), ManualClock::at(NOW));
    stopped_everywhere(
        1,
        async |records| {
            clock.set(NOW);
            Runs::new(records, &random).request(&request(), NOW).await.unwrap();
        },
        async |records, ()| {
            let runs = Runs::new(records, &random);
            let actor = gatelet_core::audit::Actor::Session("s".into());
            runs.cancel(&acme(), &request().id, actor, clock.now()).await
        },
        fine,
        async |records, (), told| {
            assert!(matches!(told, Cancelled::Now(_) | Cancelled::Over(_)));
            assert_eq!(settled(records, &random, &clock).await.state, State::Cancelled);
        },
    )
    .await;
    stopped_everywhere(
        1,
        async |records| {
            clock.set(NOW);
            Runs::new(records, &random).request(&request(), NOW).await.unwrap();
            let left = carry_out(records, &random, &clock, async |holder| {
                holder.begin(&beginning(), no_secrets()).await?;
                holder.hear(Message::Hello).await;
                holder.hear(intent()).await;
                Ok(())
            });
            assert_eq!(left.await.unwrap().unwrap().state, State::Uncertain);
        },
        async |records, ()| {
            let runs = Runs::new(records, &random);
            let record = OutcomeRecord {
                step: "mail".into(),
                outcome: StepOutcome::Happened,
                reason: "It is in the outbox.".into(),
                version: None,
            };
            let actor = gatelet_core::audit::Actor::Session("s".into());
            runs.record_outcome((&acme(), &request().id), actor, &record, clock.now()).await
        },
        fine,
        async |records, (), told| {
            assert!(matches!(told, Recorded::Yes(_) | Recorded::NotNow(_)));
            let run = settled(records, &random, &clock).await;
            assert_eq!((run.state, run.unproven.len()), (State::Queued, 0));
        },
    )
    .await;
}

fn no_secrets() -> Redactor {
    Redactor::of(&BTreeMap::new()).unwrap()
}

fn away() -> Gone {
    Gone::Away(StoreError::Contended { what: "a run that was stopped" })
}

fn beginning() -> Beginning {
    Beginning { sandbox: SandboxReport::none(), credential_ends_at: None, recover_at: None }
}

fn intent() -> Message {
    Message::Intent {
        key: "mail".into(),
        class: EffectClass::D,
        title: "Send the mail".into(),
        params: "0".repeat(64),
        quiet: false,
    }
}

fn done() -> Message {
    Message::Done {
        key: "mail".into(),
        evidence: serde_json::Map::new(),
        value: serde_json::Value::Null,
    }
}
