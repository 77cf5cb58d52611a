//! Random lives of one run: workers that claim, act, stall, die and come back as shadows of themselves, people who
//! cancel and decide, and time that passes in between.

use std::collections::BTreeMap;

use gatelet_contracts::runs::PlayedPace;
use gatelet_core::automation::attempt::{Answer, Beginning, Holder, Message, Pulse};
use gatelet_core::automation::{
    Claim, Due, Effect, EffectClass, Ending, Failure, OutcomeRecord, Recorded, RunId,
    SandboxReport, State, StepOutcome,
};
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::runtime::Builder;

use crate::stage::{Stage, acme, ada, done, intent, no_secrets};

/// So many workers there are. Each holds what it was granted until it finishes, whatever became of it meanwhile.
const WORKERS: usize = 3;
const KEYS: [(&str, EffectClass); 3] =
    [("put", EffectClass::B), ("mail", EffectClass::D), ("tag", EffectClass::C)];

#[derive(Clone, Debug)]
enum Act {
    Claim(usize),
    Begin(usize),
    Hello(usize),
    Heartbeat(usize),
    Intent(usize, usize),
    Done(usize, usize),
    Finish(usize, u8),
    Cancel,
    Decide(usize, u8),
    Tend,
    Pass(u64),
}

fn acts() -> impl Strategy<Value = Act> {
    let worker = 0..WORKERS;
    let key = 0..KEYS.len();
    prop_oneof![
        4 => worker.clone().prop_map(Act::Claim),
        3 => worker.clone().prop_map(Act::Begin),
        3 => worker.clone().prop_map(Act::Hello),
        2 => worker.clone().prop_map(Act::Heartbeat),
        6 => (worker.clone(), key.clone()).prop_map(|(worker, key)| Act::Intent(worker, key)),
        4 => (worker.clone(), key.clone()).prop_map(|(worker, key)| Act::Done(worker, key)),
        2 => (worker, 0..5_u8).prop_map(|(worker, how)| Act::Finish(worker, how)),
        1 => Just(Act::Cancel),
        2 => (key, 0..3_u8).prop_map(|(key, what)| Act::Decide(key, what)),
        2 => Just(Act::Tend),
        5 => prop_oneof![0..30_u64, 55..75_u64, 300..2000_u64].prop_map(Act::Pass),
    ]
}

/// What the world outside has seen.
#[derive(Default)]
struct World {
    /// How often a step of class D was begun since a person last said that it had not happened.
    mails: u32,
    /// The token of each step. It never changes.
    tokens: BTreeMap<usize, String>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_unsafe_happens_twice_and_a_run_ends_once(
        lives in vec(acts(), 1..60),
    ) {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(live(lives));
    }
}

async fn live(acts: Vec<Act>) {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let mut workers: [Option<Holder<'_>>; WORKERS] = [const { None }; WORKERS];
    let mut world = World::default();
    for act in acts {
        let ended_before = stage.find(&id).await.state.is_final();
        play(&stage, &pace, &id, (&mut workers, &mut world), act).await;
        let run = stage.check(&id).await;
        assert!(!ended_before || run.state.is_final(), "what is over stays over");
        assert!(world.mails <= 1, "an effect of class D happened twice");
    }
}

async fn play<'a>(
    stage: &'a Stage,
    pace: &'a PlayedPace<'a>,
    id: &RunId,
    (workers, world): (&mut [Option<Holder<'a>>; WORKERS], &mut World),
    act: Act,
) {
    let before = stage.find(id).await;
    match act {
        Act::Claim(worker) => {
            if let Claim::Granted(run) = stage.claim(id).await {
                assert!(run.fence > before.fence, "each claim has a fence of its own");
                let time = (&stage.clock as _, pace as _);
                let holder = Holder::new(stage.runs(), &stage.objects, time, Effect::Steps, *run);
                workers[worker] = Some(holder);
            }
        }
        Act::Begin(worker) => {
            let Some(holder) = &workers[worker] else { return };
            let end = Some(stage.now() + std::time::Duration::from_mins(15));
            let beginning = Beginning {
                sandbox: SandboxReport::none(),
                credential_ends_at: end,
                recover_at: end,
            };
            let begun = holder.begin(&beginning, no_secrets()).await;
            holds_if(begun.is_ok(), &before, holder).await;
        }
        Act::Hello(worker) => {
            let Some(holder) = &workers[worker] else { return };
            let answer = holder.hear(Message::Hello).await;
            holds_if(answer == Answer::Go, &before, holder).await;
        }
        Act::Heartbeat(worker) => {
            let Some(holder) = &workers[worker] else { return };
            let pulse = holder.heartbeat().await;
            holds_if(pulse != Pulse::Lost, &before, holder).await;
        }
        Act::Intent(worker, at) => {
            let Some(holder) = &workers[worker] else { return };
            let (key, class) = KEYS[at];
            let answer = holder.hear(intent(key, class)).await;
            let Answer::Begin { token, .. } = answer else { return };
            holds_if(true, &before, holder).await;
            assert_eq!(world.tokens.entry(at).or_insert_with(|| token.clone()), &token);
            world.mails += u32::from(class == EffectClass::D);
        }
        Act::Done(worker, at) => {
            let Some(holder) = &workers[worker] else { return };
            let answer = holder.hear(done(KEYS[at].0, 1.into())).await;
            holds_if(answer == Answer::Go, &before, holder).await;
        }
        Act::Finish(worker, how) => {
            let Some(holder) = workers[worker].take() else { return };
            let failure = Failure::of("test");
            let ending = match how {
                0 => holder.keep_result(&1.into()).await.unwrap(),
                1 => Ending::Failed(failure),
                2 => Ending::Again(failure),
                3 => Ending::Lost(failure),
                _ => Ending::Cancelled,
            };
            let finished = holder.finish(ending).await;
            holds_if(finished.is_ok(), &before, &holder).await;
        }
        Act::Cancel => drop(stage.runs().cancel(&acme(), id, ada(), stage.now()).await.unwrap()),
        Act::Decide(at, what) => decide(stage, id, world, (at, what)).await,
        Act::Tend => match stage.tend(id).await {
            Due::Over(_) => assert!(stage.find(id).await.state.is_final()),
            Due::Unknown => panic!("it is there"),
            Due::Worker(_) | Due::Nothing(_) => {}
        },
        Act::Pass(seconds) => stage.pass(seconds),
    }
}

/// What a holder was allowed, only the one of the latest fence may be allowed, while nothing took the run from it.
async fn holds_if(was_allowed: bool, before: &gatelet_core::automation::Run, holder: &Holder<'_>) {
    let fence = holder.run().await.fence;
    let holds = before.fence == fence && before.state.is_held();
    assert!(!was_allowed || holds, "fence {fence} acted on {before:?}");
}

async fn decide(stage: &Stage, id: &RunId, world: &mut World, (at, what): (usize, u8)) {
    let outcome = match what {
        0 => StepOutcome::Happened,
        1 => StepOutcome::DidNot,
        _ => StepOutcome::Unknown,
    };
    let step = KEYS[at].0.to_owned();
    let record = OutcomeRecord { step, outcome, reason: "seen".into(), version: None };
    let before = stage.find(id).await;
    let (runs, acme) = (stage.runs(), acme());
    let told = runs.record_outcome((&acme, id), ada(), &record, stage.now()).await;
    if let Recorded::Yes(run) = told.unwrap() {
        assert_eq!(before.state, State::Uncertain);
        assert!(run.max_attempts >= before.max_attempts);
        if outcome == StepOutcome::DidNot {
            // The person is believed: it did not happen.
            world.mails = 0;
        }
    }
}
