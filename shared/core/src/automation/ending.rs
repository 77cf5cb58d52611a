//! How an attempt ends whose holder saw its end: the run is over, or another attempt follows.

use std::time::Duration;

use serde_json::{Map, Value};

use super::attempt::OUTCOME_UNKNOWN;
use super::claim::{WORKER, rest};
use super::draft::{Draft, Why, detail};
use super::event::Happening;
use super::row::{ResultPlace, Run};
use super::state::State;
use crate::clock::Timestamp;
use crate::records::{BadName, Name};

/// The pause before the second attempt is twice this, and doubles with each.
pub const BACK_OFF: Duration = Duration::from_secs(5);
/// The longest pause between two attempts.
pub const LONGEST_BACK_OFF: Duration = Duration::from_mins(5);
/// The longest message of a script about its failure, in characters.
pub const MESSAGE_LENGTH: usize = 1_000;

/// How an attempt ended, by those who saw it: no process of its script is left.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// The script did what was asked, and this came out.
    Succeeded(Outcome),
    /// It could not, and has come to its end by itself. Another attempt would not go better.
    Failed(Failure),
    /// It was ended because it did what it must not do.
    Killed(Failure),
    /// It could not now. Another attempt follows while there is one.
    Again(Failure),
    /// It was lost before it could say how it ended. Another attempt follows while there is one.
    Lost(Failure),
    /// It certainly never began. Another attempt follows while there is one.
    NotBegun(Failure),
    /// Its worker was told to end, and has ended it. Another attempt follows at once, and this one does not count.
    HandedBack,
    /// It took too long.
    TimedOut,
    /// It was ended because a person wants it.
    Cancelled,
}

/// What went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// In a stable word.
    pub code: String,
    /// For people, where there is more to say. Redacted.
    pub message: Option<String>,
}

/// What came out of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How long it is, and where it lies.
    pub(super) bytes: u64,
    /// What lies beside the row; none where it became an object.
    pub(super) inline: Option<Vec<u8>>,
}

impl Failure {
    /// A failure that its code says all about.
    #[must_use]
    pub fn of(code: impl Into<String>) -> Self {
        Self { code: code.into(), message: None }
    }

    /// A failure with a message.
    #[must_use]
    pub fn saying(code: impl Into<String>, message: &str) -> Self {
        Self { code: code.into(), message: Some(message.chars().take(MESSAGE_LENGTH).collect()) }
    }
}

/// The record under which a result lies that is no object.
pub(super) fn result_key() -> Result<Name, BadName> {
    Name::new("result")
}

/// Makes the ending of an attempt. A step of which nobody knows the end goes before all else.
pub(super) fn end(draft: &mut Draft, ending: Ending, now: Timestamp) -> Result<(), BadName> {
    let (state, failure) = judge(&draft.run, &ending, now);
    let run = &mut draft.run;
    run.lease_until = None;
    // Its script is gone, so nothing acts with the old credential any more.
    run.recover_at = None;
    if ending == Ending::HandedBack {
        run.max_attempts = run.max_attempts.max(run.attempt.saturating_add(1));
    } else if state == State::Queued {
        run.not_before = Some(now + pause_after(run.attempt));
    }
    run.sent_at = None;
    run.message = failure.message;
    if let (State::Succeeded, Ending::Succeeded(Outcome { bytes, inline })) = (state, ending) {
        let is_object = inline.is_none();
        draft.run.result = Some(ResultPlace { bytes, fence: draft.run.fence, is_object });
        if let Some(body) = inline {
            draft.put(result_key()?, body);
        }
        draft.tell(Happening::Result { bytes });
    }
    rest(draft, state, now);
    let why = Why { actor: WORKER, action: "run.finish", code: code(&failure.code) };
    draft.turn(state, why, seen(&draft.run));
    Ok(())
}

fn judge(run: &Run, ending: &Ending, now: Timestamp) -> (State, Failure) {
    if !run.unproven.is_empty() {
        let message = match ending {
            Ending::Failed(failure)
            | Ending::Again(failure)
            | Ending::Killed(failure)
            | Ending::Lost(failure)
            | Ending::NotBegun(failure) => failure.message.clone(),
            _ => None,
        };
        return (State::Uncertain, Failure { code: OUTCOME_UNKNOWN.into(), message });
    }
    let has_next = run.attempt < run.max_attempts && run.deadline > now;
    match ending {
        Ending::Succeeded(_) => (State::Succeeded, Failure::default()),
        Ending::TimedOut => (State::TimedOut, Failure::of("timed_out")),
        Ending::Cancelled => (State::Cancelled, Failure::of("cancelled")),
        Ending::Failed(failure) | Ending::Killed(failure) => (State::Failed, failure.clone()),
        Ending::HandedBack if !run.cancel_requested => (State::Queued, Failure::default()),
        _ if run.cancel_requested => (State::Cancelled, Failure::of("cancelled")),
        Ending::Again(failure) | Ending::Lost(failure) | Ending::NotBegun(failure) if has_next => {
            (State::Queued, failure.clone())
        }
        Ending::HandedBack => (State::Queued, Failure::default()),
        Ending::Again(failure) => (State::Failed, failure.clone()),
        Ending::Lost(failure) | Ending::NotBegun(failure) => (State::Poisoned, failure.clone()),
    }
}

fn code(code: &str) -> Option<&str> {
    (!code.is_empty()).then_some(code)
}

/// How long the next attempt waits after so many.
fn pause_after(attempts: u32) -> Duration {
    let doubled = 1_u32.checked_shl(attempts.min(16)).unwrap_or(u32::MAX);
    BACK_OFF.saturating_mul(doubled).min(LONGEST_BACK_OFF)
}

/// What the audit is told about an attempt that ended.
fn seen(run: &Run) -> Map<String, Value> {
    detail([
        ("steps", run.steps.into()),
        ("artifacts", run.artifacts.len().into()),
        ("result_bytes", run.result.as_ref().map(|result| result.bytes).into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pause_is_twice_the_one_before_and_none_is_longer_than_five_minutes() {
        let secs: Vec<u64> = (1..=8).map(|attempt| pause_after(attempt).as_secs()).collect();
        assert_eq!(secs, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(pause_after(u32::MAX), LONGEST_BACK_OFF);
    }
}
