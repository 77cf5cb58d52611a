//! A store, a clock and the workers that come and go over them.

use std::collections::BTreeMap;
use std::time::Duration;

use gatelet_contracts::runs::{MemoryObjects, PlayedPace, run_request};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::audit::{Actor, ChainHead};
use gatelet_core::automation::attempt::{Answer, Beginning, Holder, Message};
use gatelet_core::automation::{
    Claim, Due, Effect, EffectClass, Redactor, Run, RunId, RunRequest, Runs, SandboxReport, State,
};
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::records::Records;
use gatelet_core::tenant::TenantId;
use gatelet_played::{MemoryRecords, NOW};
use serde_json::{Map, Value};

/// Everything that one run needs.
pub(crate) struct Stage {
    pub(crate) records: MemoryRecords,
    pub(crate) random: SeededRandom,
    pub(crate) objects: MemoryObjects,
    pub(crate) clock: ManualClock,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            records: MemoryRecords::default(),
            random: SeededRandom::new(7),
            objects: MemoryObjects::default(),
            clock: ManualClock::at(NOW),
        }
    }

    pub(crate) fn runs(&self) -> Runs<'_> {
        Runs::new(&self.records, &self.random)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Asks for a run, as the change has it.
    pub(crate) async fn ask(&self, key: &str, change: impl FnOnce(&mut RunRequest)) -> RunId {
        let id = RunId::derive(&acme(), "ada", "route", key);
        let mut request = run_request(&acme(), id.clone(), self.now());
        change(&mut request);
        self.runs().request(&request, self.now()).await.unwrap();
        id
    }

    pub(crate) async fn find(&self, id: &RunId) -> Run {
        self.runs().find(&acme(), id, self.now()).await.unwrap().unwrap()
    }

    pub(crate) async fn claim(&self, id: &RunId) -> Claim {
        self.runs().claim(&acme(), id, self.now()).await.unwrap()
    }

    pub(crate) async fn tend(&self, id: &RunId) -> Due {
        self.runs().tend(&acme(), id, self.now()).await.unwrap()
    }

    /// The holder of a run that is to be granted now.
    pub(crate) async fn hold<'a>(
        &'a self,
        pace: &'a PlayedPace<'a>,
        id: &RunId,
        effect: Effect,
    ) -> Holder<'a> {
        self.hold_over(&self.records, pace, id, effect).await
    }

    /// The same, over other records once it is granted.
    pub(crate) async fn hold_over<'a>(
        &'a self,
        records: &'a dyn Records,
        pace: &'a PlayedPace<'a>,
        id: &RunId,
        effect: Effect,
    ) -> Holder<'a> {
        let run = match self.claim(id).await {
            Claim::Granted(run) => *run,
            other => panic!("it is to be granted: {other:?}"),
        };
        let runs = Runs::new(records, &self.random);
        Holder::new(runs, &self.objects, (&self.clock, pace), effect, run)
    }

    /// Checks what holds for every run at every time: its chain leads to its head, and nothing follows its end.
    pub(crate) async fn check(&self, id: &RunId) -> Run {
        let run = self.find(id).await;
        let chain = self.runs().audit(&run, self.now()).await.unwrap();
        let walked = ChainHead::walk(chain.iter().map(Vec::as_slice));
        assert_eq!(walked.as_ref(), Some(&run.audit), "the chain leads to its head");
        let is_end = |entry: &Vec<u8>| {
            let entry: Value = serde_json::from_slice(entry).unwrap();
            let state = entry["detail"]["state"].as_str().unwrap().to_owned();
            State::named(&state).unwrap().is_final()
        };
        let ends: Vec<usize> =
            chain.iter().enumerate().filter(|(_, entry)| is_end(entry)).map(|(at, _)| at).collect();
        let expected = if run.state.is_final() { vec![chain.len() - 1] } else { vec![] };
        assert_eq!(ends, expected, "one terminal entry, and it is the last");
        let page = self.runs().events((&acme(), id), 0, 1000, self.now()).await.unwrap().unwrap();
        let numbers: Vec<u32> = page.events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=run.seq).collect::<Vec<_>>(), "no event is missing");
        run
    }
}

pub(crate) fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

pub(crate) fn ada() -> Actor {
    Actor::Session("s".into())
}

/// Nothing is removed from what a script says that was given nothing.
pub(crate) fn no_secrets() -> Redactor {
    Redactor::of(&BTreeMap::new()).unwrap()
}

/// Begins with nothing but a level.
pub(crate) async fn begin(holder: &Holder<'_>, recover_at: Option<Timestamp>) {
    let sandbox = SandboxReport::none();
    let beginning = Beginning { sandbox, credential_ends_at: recover_at, recover_at };
    holder.begin(&beginning, no_secrets()).await.unwrap();
    assert_eq!(holder.hear(Message::Hello).await, Answer::Go);
}

pub(crate) fn intent(key: &str, class: EffectClass) -> Message {
    let (title, params) = (format!("Do {key}"), "0".repeat(64));
    Message::Intent { key: key.into(), class, title, params, quiet: false }
}

pub(crate) fn done(key: &str, value: Value) -> Message {
    let evidence = Map::from_iter([("request_id".to_owned(), Value::from("r-1"))]);
    Message::Done { key: key.into(), evidence, value }
}
