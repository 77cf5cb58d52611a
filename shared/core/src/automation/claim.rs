//! What time makes of a run, and how a worker comes to hold one.
//!
//! A run is taken over when its lease has passed. What its last holder may have left behind decides how: a step of
//! class D without an end makes it uncertain; a credential that has not ended yet makes it wait, because a target
//! knows nothing of our fence, and only the end of the old credential keeps the old holder out; otherwise the next
//! attempt begins, if one is left.

use serde_json::Map;

use super::RunId;
use super::attempt::OUTCOME_UNKNOWN;
use super::draft::{Choice, Draft, Why};
use super::event::Happening;
use super::request::SLOT_GRACE;
use super::row::Run;
use super::runs::{Runs, TRIES};
use super::slots::Slots;
use super::state::{LEASE, SKEW, State};
use super::step::StepState;
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::records::{Condition, Outcome, StoreError, settle};
use crate::tenant::TenantId;

/// Who acts when time does.
const TIME: Actor = Actor::System("upkeep");
/// Who claims.
pub(super) const WORKER: Actor = Actor::System("work-automation");

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller holds the run under its fence.
    Granted(Box<Run>),
    /// Somebody else holds it.
    Held,
    /// It may not begin yet: it waits for a moment, or for a person.
    Waits,
    /// As many runs of its automation go on as may. Whoever ends one of them sends this one.
    Busy,
    /// It has ended.
    Over,
    /// There is no such run.
    Unknown,
}

/// What a run needs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A worker, and a message that tells one.
    Worker(Box<Run>),
    /// Nothing yet. If it has lost its slot and another run waits for that, it is this one.
    Nothing(Option<RunId>),
    /// Nothing any more: it has ended. The same for its slot.
    Over(Option<RunId>),
    /// There is no such run.
    Unknown,
}

/// What time has made of a run.
#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    Over,
    Held,
    Waits,
    Ready,
    Becomes(State, &'static str),
}

fn judge(run: &Run, now: Timestamp) -> Judgement {
    let ahead = |at: Option<Timestamp>| at.is_some_and(|at| at > now);
    let recovers = ahead(run.recover_at.map(|at| at + SKEW));
    match run.state {
        State::Uncertain => Judgement::Waits,
        State::Queued => match ready(run, now) {
            Judgement::Ready if ahead(run.not_before) => Judgement::Waits,
            other => other,
        },
        State::Leased | State::Running => {
            if ahead(run.lease_until.map(|until| until + SKEW)) {
                Judgement::Held
            } else if !run.unproven.is_empty() {
                Judgement::Becomes(State::Uncertain, OUTCOME_UNKNOWN)
            } else if recovers {
                Judgement::Becomes(State::Recovering, "script_lost")
            } else {
                ready(run, now)
            }
        }
        State::Recovering if recovers => Judgement::Waits,
        State::Recovering => ready(run, now),
        _ => Judgement::Over,
    }
}

/// Whether the next attempt of a run that nobody holds may begin.
fn ready(run: &Run, now: Timestamp) -> Judgement {
    if run.cancel_requested {
        Judgement::Becomes(State::Cancelled, "cancelled")
    } else if run.deadline <= now {
        Judgement::Becomes(State::TimedOut, "timed_out")
    } else if run.attempt >= run.max_attempts {
        Judgement::Becomes(State::Poisoned, "script_lost")
    } else {
        Judgement::Ready
    }
}

/// What time does to a run: it loses its holder.
fn lapse(draft: &mut Draft, state: State, code: &'static str, now: Timestamp) {
    draft.run.lease_until = None;
    rest(draft, state, now);
    let why = Why { actor: TIME, action: "run.lapse", code: Some(code) };
    draft.turn(state, why, Map::new());
}

/// Sets what belongs to a state in which nobody holds the run.
pub(super) fn rest(draft: &mut Draft, state: State, now: Timestamp) {
    if state.is_final() {
        draft.run.ended_at = Some(now);
        draft.run.recover_at = None;
    }
    if state == State::Uncertain {
        draft.run.paused_at = Some(now);
        for open in draft.run.unproven.clone() {
            draft.tell(Happening::Step {
                key: open.key,
                title: open.title,
                class: open.class,
                quiet: false,
                state: StepState::Unknown,
                evidence: None,
                repeated: false,
            });
        }
    }
}

/// The next attempt: fence and count rise before anything is done.
fn lease(draft: &mut Draft, now: Timestamp) {
    let run = &mut draft.run;
    run.fence = run.fence.saturating_add(1);
    run.attempt = run.attempt.saturating_add(1);
    run.lease_until = Some(now + LEASE);
    run.not_before = None;
    run.recover_at = None;
    run.credential_ends_at = None;
    run.sandbox = None;
    run.progress = None;
    run.message = None;
    run.sent_at = None;
    run.started_at = run.started_at.or(Some(now));
    let why = Why { actor: WORKER, action: "run.claim", code: None };
    draft.turn(State::Leased, why, Map::new());
}

impl Runs<'_> {
    /// Claims a queued run, or one whose holder has lost it, under the next fence. The attempt is counted here,
    /// before anything of it is done.
    pub async fn claim(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        for _ in 0..TRIES {
            let Some((run, version)) = self.read(tenant, id, now).await? else {
                return Ok(Claim::Unknown);
            };
            match judge(&run, now) {
                Judgement::Over => return Ok(Claim::Over),
                Judgement::Held => return Ok(Claim::Held),
                Judgement::Waits => return Ok(Claim::Waits),
                Judgement::Becomes(..) => {
                    self.let_time_pass(tenant, id, now).await?;
                    continue;
                }
                Judgement::Ready => {}
            }
            if !self.has_slot(&run, now).await? {
                return Ok(Claim::Busy);
            }
            let mut draft = Draft::of(run);
            lease(&mut draft, now);
            let (commit, run) = draft.seal(Condition::Version(version), self.random, now)?;
            // A slot that was taken for nothing is found to be nobody's once the run is over.
            if settle(self.records, &commit, now).await? == Outcome::Committed {
                return Ok(Claim::Granted(Box::new(run)));
            }
        }
        Err(StoreError::Contended { what: "a run" })
    }

    /// Lets a run lose its holder, become uncertain, be poisoned or pass its deadline, as time has it, and says
    /// what it needs now.
    pub async fn tend(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Due, StoreError> {
        match self.let_time_pass(tenant, id, now).await? {
            None => Ok(Due::Unknown),
            Some((Judgement::Over, run)) => Ok(Due::Over(self.free_slot(&run, now).await?)),
            Some((Judgement::Ready, run)) => Ok(Due::Worker(Box::new(run))),
            Some((_, run)) => Ok(Due::Nothing(self.free_slot(&run, now).await?)),
        }
    }

    async fn let_time_pass(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Option<(Judgement, Run)>, StoreError> {
        let passed = |draft: &mut Draft| match judge(&draft.run, now) {
            Judgement::Becomes(state, code) => {
                lapse(draft, state, code, now);
                Choice::Store(judge(&draft.run, now))
            }
            other => Choice::Leave(other),
        };
        self.change((tenant, id), now, passed).await
    }

    /// Whether the run has one of its automation's slots, or gets one. Otherwise it is noted as waiting.
    async fn has_slot(&self, run: &Run, now: Timestamp) -> Result<bool, StoreError> {
        if run.limit == 0 {
            return Ok(true);
        }
        let who = (&run.tenant, run.automation.as_str());
        let until = run.deadline + SLOT_GRACE;
        if self.take_slot(who, (&run.id, until), run.limit, now).await? {
            return Ok(true);
        }
        let slots = Slots::new(self.records, self.random, run.tenant.clone());
        slots.wait(&run.automation, &run.id, now).await?;
        // Between the look and the note a slot may have been given back to nobody.
        self.take_slot(who, (&run.id, until), run.limit, now).await
    }

    /// Gives back the slot of a run that does not go on, and names the run that waits for it.
    pub(super) async fn free_slot(
        &self,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<RunId>, StoreError> {
        if run.limit == 0 || run.state.goes_on() {
            return Ok(None);
        }
        let slots = Slots::new(self.records, self.random, run.tenant.clone());
        slots.give_back(&run.automation, &run.id, now).await
    }
}
