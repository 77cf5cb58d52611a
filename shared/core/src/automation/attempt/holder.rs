//! The holder of a run: it keeps what an attempt does, and only while it holds the lease.
//!
//! Each change is one commit that expects the row as the holder knows it, so one that has lost the run changes
//! nothing. Where the store is away, the holder tries again until its lease comes to its end: a commit whose answer
//! was lost is found by one of the records that are written once. After that it says `lease_lost`, whatever arrived.

use std::sync::Arc;

use async_trait::async_trait;
use futures::lock::{Mutex, MutexGuard};
use serde_json::{Map, Value};

use super::artifact::Files;
use super::output::Output;
use super::{Gone, Heard, OUTCOME_UNKNOWN};
use crate::automation::claim::WORKER;
use crate::automation::draft::{Choice, Draft, Why, detail};
use crate::automation::effect::{Effect, EffectClass};
use crate::automation::ending::{Ending, end};
use crate::automation::row::{Run, Unproven};
use crate::automation::runs::{Runs, TRIES};
use crate::automation::state::{LEASE, SKEW, State};
use crate::automation::step::{self, Intent, StepRecord, WHOLE_SCRIPT};
use crate::automation::{RedactedLines, Redactor, RunId, SandboxReport, result};
use crate::clock::{Clock, Timestamp};
use crate::objects::Objects;
use crate::outage::Chain;
use crate::records::{Commit, Condition, Outcome, StoreError, Version, has_arrived, settle};

/// What a holder needs of time. Core has none of its own.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Waits a moment before a store that is away is asked again.
    async fn pause(&self);
}

/// Whether a holder still has its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// It has.
    Beats,
    /// It has, and a person wants the run to end.
    Cancelled,
    /// It has not: somebody else may.
    Lost,
}

/// What an attempt begins with.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The isolation that its script gets.
    pub sandbox: SandboxReport,
    /// When the credential that it gets ends, if it gets one that does.
    pub credential_ends_at: Option<Timestamp>,
    /// What a takeover waits for: until then the script may act although its holder is gone.
    pub recover_at: Option<Timestamp>,
}

/// Holds a run under one fence.
pub struct Holder<'a> {
    pub(super) runs: Runs<'a>,
    pub(super) objects: &'a dyn Objects,
    pub(super) clock: &'a dyn Clock,
    pace: &'a dyn Pace,
    pub(super) effect: Effect,
    fence: u32,
    inner: Mutex<Inner>,
}

pub(super) struct Inner {
    pub(super) run: Run,
    version: Option<Version>,
    pub(super) redactor: Option<Arc<Redactor>>,
    pub(super) lines: Option<RedactedLines>,
    pub(super) output: Output,
    pub(super) heard: Heard,
    pub(super) files: Files,
    /// Steps under way that can be repeated if their script can say how.
    pub(super) open: Vec<Unproven>,
    script: Option<StepRecord>,
}

impl<'a> Holder<'a> {
    /// The holder of a run that was [granted](crate::automation::Claim::Granted).
    pub fn new(
        runs: Runs<'a>,
        objects: &'a dyn Objects,
        (clock, pace): (&'a dyn Clock, &'a dyn Pace),
        effect: Effect,
        run: Run,
    ) -> Self {
        let inner = Inner {
            version: None,
            redactor: None,
            lines: None,
            output: Output::after(run.written),
            heard: Heard::default(),
            files: Files::default(),
            open: Vec::new(),
            script: None,
            run,
        };
        let fence = inner.run.fence;
        Self { runs, objects, clock, pace, effect, fence, inner: Mutex::new(inner) }
    }

    /// Notes what the script gets, before it gets it. From here on it is listened to, and the secrets are removed from all
    /// that it says. Where the whole script is one step, that begins here.
    pub async fn begin(&self, beginning: &Beginning, redactor: Redactor) -> Result<(), Gone> {
        let mut inner = self.inner.lock().await;
        let now = self.clock.now();
        let script = (self.effect == Effect::Unsafe).then(|| whole_script(&inner.run, now));
        self.change(&mut inner, |draft| {
            let run = &mut draft.run;
            run.sandbox = Some(beginning.sandbox.clone());
            run.credential_ends_at = beginning.credential_ends_at;
            run.recover_at = beginning.recover_at;
            if let Some(script) = &script {
                run.steps = run.steps.max(script.number);
                run.unproven.push(Unproven::of(script));
                draft.put(step::name(&script.key)?, script.encode()?);
                draft.tell(script.happening());
            }
            let why = Why { actor: WORKER, action: "run.begin", code: None };
            draft.turn(State::Running, why, of_sandbox(beginning));
            Ok(Choice::Store(()))
        })
        .await?;
        inner.script = script;
        let redactor = Arc::new(redactor);
        inner.lines = Some(RedactedLines::new(Arc::clone(&redactor)));
        inner.redactor = Some(redactor);
        Ok(())
    }

    /// Says that the holder lives.
    pub async fn heartbeat(&self) -> Pulse {
        let mut inner = self.inner.lock().await;
        let until = self.clock.now() + LEASE;
        let beat = self.change(&mut inner, |draft| {
            draft.run.lease_until = Some(until);
            Ok(Choice::Store(draft.run.cancel_requested))
        });
        pulse(&beat.await)
    }

    /// Keeps what waits to be kept, and looks whether a person wants the run to end.
    pub async fn look(&self) -> Pulse {
        let mut inner = self.inner.lock().await;
        inner.version = None;
        let waits = !inner.output.is_empty();
        let look = self.change(&mut inner, |draft| {
            let asked = draft.run.cancel_requested;
            Ok(if waits { Choice::Store(asked) } else { Choice::Leave(asked) })
        });
        pulse(&look.await)
    }

    /// Keeps what waits to be kept.
    pub async fn flush(&self) -> Pulse {
        let mut inner = self.inner.lock().await;
        if inner.output.is_empty() {
            return Pulse::Beats;
        }
        pulse(&self.keep(&mut inner).await.map(|()| false))
    }

    /// What the script has said about its end so far.
    pub async fn heard(&self) -> Heard {
        self.inner.lock().await.heard.clone()
    }

    /// The run, as the holder knows it.
    pub async fn run(&self) -> Run {
        self.inner.lock().await.run.clone()
    }

    /// Ends the attempt, once no process of its script is left. Where the whole script is one step, it is done when
    /// the script has come to an end of its own, and unknown otherwise. The run that waits for the slot comes back.
    pub async fn finish(&self, ending: Ending) -> Result<(Run, Option<RunId>), Gone> {
        let mut inner = self.inner.lock().await;
        let now = self.clock.now();
        let script = inner.script.clone().and_then(|script| script.over(&ending, now));
        let unclear = inner.unclear();
        self.change(&mut inner, |draft| {
            draft.run.unproven.extend_from_slice(&unclear);
            if let Some(script) = &script {
                draft.run.unproven.retain(|open| open.key != script.key);
                draft.put(step::name(&script.key)?, script.encode()?);
                draft.tell(script.happening());
            }
            end(draft, ending.clone(), now)?;
            Ok(Choice::Store(()))
        })
        .await?;
        let run = inner.run.clone();
        // A slot that is not given back is found to be nobody's by the next who asks for one.
        let next = self.runs.free_slot(&run, now).await.unwrap_or_else(|error| {
            tracing::warn!(error = %Chain(&error), run = %run.id, "a slot was not given back");
            None
        });
        Ok((run, next))
    }

    /// Keeps a value as the run's result, so that [`Ending::Succeeded`] can name it.
    pub async fn keep_result(&self, value: &Value) -> Result<Ending, Gone> {
        let inner = self.inner.lock().await;
        loop {
            match result::keep(self.objects, &inner.run, value).await {
                Ok(outcome) => return Ok(Ending::Succeeded(outcome)),
                Err(away) => self.be_patient(&inner, away).await?,
            }
        }
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().await
    }

    /// Whether an effect may begin: the lease holds for longer than two clocks differ.
    pub(super) fn is_held(&self, inner: &Inner) -> bool {
        inner.run.lease_until.is_some_and(|until| self.clock.now() + SKEW < until)
    }

    pub(super) async fn keep(&self, inner: &mut Inner) -> Result<(), Gone> {
        self.change(inner, |_| Ok(Choice::Store(()))).await
    }

    /// One transition under the fence, with all that waits to be kept.
    pub(super) async fn change<T>(
        &self,
        inner: &mut Inner,
        decide: impl Fn(&mut Draft) -> Result<Choice<T>, StoreError> + Send + Sync,
    ) -> Result<T, Gone> {
        for _ in 0..TRIES {
            let version = self.know(inner).await?;
            let mut draft = Draft::of(inner.run.clone());
            draft.run.written = inner.output.written();
            if let Some(progress) = inner.output.latest() {
                draft.run.progress = Some(progress.clone());
            }
            for what in inner.output.happenings() {
                draft.tell(what);
            }
            let told = match decide(&mut draft).map_err(Gone::Away)? {
                Choice::Leave(told) => return Ok(told),
                Choice::Store(told) => told,
            };
            let sealed =
                draft.seal(Condition::Version(version), self.runs.random, self.clock.now());
            let (commit, run) = sealed.map_err(Gone::Away)?;
            if self.commit(inner, &commit).await? == Outcome::Committed {
                inner.run = run;
                inner.version = Some(commit.version());
                inner.output.is_kept();
                return Ok(told);
            }
            inner.version = None;
        }
        Err(Gone::Away(StoreError::Contended { what: "a run" }))
    }

    /// The row's version, read where it is not known. Whoever has lost the run learns it here.
    async fn know(&self, inner: &mut Inner) -> Result<Version, Gone> {
        loop {
            if let Some(version) = inner.version {
                return Ok(version);
            }
            let (tenant, id) = (inner.run.tenant.clone(), inner.run.id.clone());
            match self.runs.read(&tenant, &id, self.clock.now()).await {
                Ok(Some((run, version))) if run.fence == self.fence && run.state.is_held() => {
                    inner.run = run;
                    inner.version = Some(version);
                }
                Ok(_) => return Err(Gone::Lost),
                Err(away) => self.be_patient(inner, away).await?,
            }
        }
    }

    async fn commit(&self, inner: &Inner, commit: &Commit) -> Result<Outcome, Gone> {
        let mut is_repeated = false;
        loop {
            let now = self.clock.now();
            let away = match settle(self.runs.records, commit, now).await {
                Ok(Outcome::Conflict) if is_repeated => {
                    match has_arrived(self.runs.records, commit, now).await {
                        Ok(true) => return Ok(Outcome::Committed),
                        Ok(false) => return Ok(Outcome::Conflict),
                        Err(away) => away,
                    }
                }
                Ok(outcome) => return Ok(outcome),
                Err(away) => away,
            };
            is_repeated = true;
            self.be_patient(inner, away.into()).await?;
        }
    }

    /// Waits before the store is asked again, while the lease holds.
    pub(super) async fn be_patient(&self, inner: &Inner, away: StoreError) -> Result<(), Gone> {
        if !matches!(away, StoreError::Outage(_)) || !self.is_held(inner) {
            return Err(Gone::Away(away));
        }
        self.pace.pause().await;
        Ok(())
    }
}

fn pulse(told: &Result<bool, Gone>) -> Pulse {
    match told {
        Ok(false) => Pulse::Beats,
        Ok(true) => Pulse::Cancelled,
        Err(_) => Pulse::Lost,
    }
}

impl Inner {
    /// What is under way although its script has ended, and cannot be repeated because the script says so.
    fn unclear(&self) -> Vec<Unproven> {
        let said = self.heard.failure.as_ref().is_some_and(|it| it.code == OUTCOME_UNKNOWN);
        if said { self.open.clone() } else { Vec::new() }
    }
}

/// The step that a whole script is.
fn whole_script(run: &Run, now: Timestamp) -> StepRecord {
    let intent = Intent {
        key: WHOLE_SCRIPT.into(),
        class: EffectClass::D,
        title: "The whole script".into(),
        params: run.fingerprint.clone(),
        quiet: false,
    };
    StepRecord::begin(intent, (1, run.fence), now)
}

fn of_sandbox(beginning: &Beginning) -> Map<String, Value> {
    let SandboxReport { level, network, probes } = &beginning.sandbox;
    let probes: Map<String, Value> =
        probes.iter().map(|probe| (probe.name.clone(), probe.holds.into())).collect();
    detail([
        ("sandbox", u8::from(*level).into()),
        ("network", network.as_str().into()),
        ("probes", probes.into()),
        ("credential_ends_at_ms", beginning.credential_ends_at.map(Timestamp::millis).into()),
    ])
}
