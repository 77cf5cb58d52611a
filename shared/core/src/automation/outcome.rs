//! A person says what became of a step of which nobody knows.

use serde_json::{Map, Value};

use super::RunId;
use super::attempt::OUTCOME_UNKNOWN;
use super::claim::rest;
use super::draft::{Choice, Draft, Why, detail};
use super::event::Happening;
use super::row::Run;
use super::runs::{Runs, TRIES, partition};
use super::state::State;
use super::step::{self, StepRecord, StepState, WHOLE_SCRIPT};
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::records::{Condition, Outcome as Committed, StoreError, settle};
use crate::tenant::TenantId;

/// The longest reason, in characters.
pub const REASON_LENGTH: usize = 500;

/// What a person says about a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRecord {
    /// Which step, by its key.
    pub step: String,
    /// What became of it.
    pub outcome: StepOutcome,
    /// How the person knows.
    pub reason: String,
    /// The number of the latest event that the person saw. Where it is given and the run went on since, nothing is
    /// recorded.
    pub version: Option<u32>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Its effect is there: the run goes on behind it.
    Happened,
    /// It had no effect: the run begins it anew.
    DidNot,
    /// It cannot be found out: the run has failed.
    Unknown,
}

/// What came of recording it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It stands in the ledger and in the audit chain. A queued run is to be sent.
    Yes(Box<Run>),
    /// The run is not uncertain, or not about this step, or went on since the person looked.
    NotNow(Box<Run>),
    /// There is no such run.
    Unknown,
}

impl Runs<'_> {
    /// Records what became of a step. Once it is known of all of them, the run goes on or ends: where the whole
    /// script was the step, it ends either way; otherwise the next attempt begins, also when none was left, because
    /// a person has seen to it that nothing is done twice.
    pub async fn record_outcome(
        &self,
        (tenant, id): (&TenantId, &RunId),
        actor: Actor,
        record: &OutcomeRecord,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        for _ in 0..TRIES {
            let Some((run, version)) = self.read(tenant, id, now).await? else {
                return Ok(Recorded::Unknown);
            };
            let is_asked = run.state == State::Uncertain
                && run.unproven.iter().any(|open| open.key == record.step)
                && record.version.is_none_or(|seen| seen == run.seq);
            let key = step::name(&record.step);
            let (Ok(key), true) = (key, is_asked) else {
                return Ok(Recorded::NotNow(Box::new(run)));
            };
            let Some(stored) = self.records.get(&partition(tenant, id)?, &key, now).await? else {
                return Err(StoreError::unreadable("step", "it is missing from the ledger"));
            };
            let mut step = StepRecord::decode(&stored)?;
            let mut draft = Draft::of(run);
            decide(&mut draft, &mut step, record, now);
            draft.put(key, step.encode()?);
            match conclude(&mut draft, record, &actor, now) {
                Choice::Leave(()) => {
                    draft.audit(actor.clone(), "run.outcome", name(record.outcome), of(record));
                }
                Choice::Store(()) => {}
            }
            let (commit, run) = draft.seal(Condition::Version(version), self.random, now)?;
            if settle(self.records, &commit, now).await? == Committed::Committed {
                self.free_slot(&run, now).await?;
                return Ok(Recorded::Yes(Box::new(run)));
            }
        }
        Err(StoreError::Contended { what: "a run" })
    }
}

/// Writes the outcome into the ledger.
fn decide(draft: &mut Draft, step: &mut StepRecord, record: &OutcomeRecord, now: Timestamp) {
    step.state = match record.outcome {
        StepOutcome::Happened => StepState::Recorded,
        StepOutcome::DidNot => StepState::Undone,
        StepOutcome::Unknown => StepState::Unknown,
    };
    if record.outcome == StepOutcome::Happened {
        step.done_at = Some(now);
    }
    let reason: String = record.reason.chars().take(REASON_LENGTH).collect();
    step.evidence = detail([("recorded", reason.as_str().into())]);
    draft.run.unproven.retain(|open| open.key != record.step);
    draft.tell(step.happening());
    draft.tell(Happening::Note { text: format!("{}: {reason}", step.title) });
}

/// What becomes of the run; `Leave` while another step is still unknown.
fn conclude(
    draft: &mut Draft,
    record: &OutcomeRecord,
    actor: &Actor,
    now: Timestamp,
) -> Choice<()> {
    let is_script = record.step == WHOLE_SCRIPT;
    let (state, code) = match record.outcome {
        StepOutcome::Unknown => (State::Failed, Some(OUTCOME_UNKNOWN)),
        StepOutcome::Happened if is_script => (State::Succeeded, None),
        StepOutcome::DidNot if is_script => (State::Failed, Some("script_lost")),
        _ if !draft.run.unproven.is_empty() => return Choice::Leave(()),
        _ if draft.run.cancel_requested => (State::Cancelled, Some("cancelled")),
        _ => (State::Queued, None),
    };
    let run = &mut draft.run;
    if let Some(paused_at) = run.paused_at.take() {
        // The person's time is not the run's.
        run.deadline = run.deadline + now.since(paused_at);
    }
    if state == State::Queued {
        run.max_attempts = run.max_attempts.max(run.attempt.saturating_add(1));
        // Its old holder may still have a credential: the next attempt waits for its end.
        run.not_before = run.recover_at.filter(|at| *at > now);
        run.sent_at = None;
    }
    rest(draft, state, now);
    let why = Why { actor: actor.clone(), action: "run.outcome", code };
    draft.turn(state, why, of(record));
    Choice::Store(())
}

fn of(record: &OutcomeRecord) -> Map<String, Value> {
    detail([
        ("step", record.step.as_str().into()),
        ("outcome", name(record.outcome).into()),
        ("reason", record.reason.chars().take(REASON_LENGTH).collect::<String>().into()),
    ])
}

const fn name(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Happened => "happened",
        StepOutcome::DidNot => "did_not",
        StepOutcome::Unknown => "unknown",
    }
}
