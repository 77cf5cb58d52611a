//! What an attempt has come to, by how its process ended and what it had said by then.

use serde_json::Value;

use super::Heard;
use crate::automation::ending::{Ending, Failure};
use crate::automation::{Effect, Exit};
use crate::outage::{self, Outage};

/// Why a script is told to end whose worker was told to end.
pub const WORKER_ENDS: &str = "worker_ends";

/// What an attempt has come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    /// It gave a result, which is to be checked and kept.
    Result(Value),
    /// It ended in this way.
    To(Ending),
    /// It is no longer ours to end.
    Gone,
}

/// Judges an attempt. `stop` is why it was told to end, if it was.
#[must_use]
pub fn came_to(
    exit: &Result<Exit, Outage>,
    heard: Heard,
    stop: Option<&str>,
    effect: Effect,
) -> Came {
    if matches!(stop, Some("lease_lost" | "attempt_taken")) {
        return Came::Gone;
    }
    let exit = match exit {
        Ok(exit) => exit,
        Err(outage) if outage.effect == outage::Effect::Nothing => {
            return Came::To(Ending::NotBegun(Failure::of("sandbox_unavailable")));
        }
        Err(_) => return Came::To(Ending::Lost(Failure::of("script_lost"))),
    };
    // What it said counts, whatever became of its process afterwards.
    if let Some(value) = heard.result {
        return Came::Result(value);
    }
    if let Some(failure) = heard.failure
        && *exit != Exit::Unknown
    {
        let code = format!("script:{}", failure.code);
        let told = Failure::saying(code, &failure.message);
        // A script that declares no steps is not begun twice, whatever it thinks of that.
        let again = failure.retry && effect != Effect::Unsafe;
        return Came::To(if again { Ending::Again(told) } else { Ending::Failed(told) });
    }
    Came::To(match (exit, stop) {
        // It may still be at work: nobody else begins before its credential has ended.
        (Exit::Unknown, _) => return Came::Gone,
        (Exit::Stopped("timed_out"), _) => Ending::TimedOut,
        (Exit::Stopped("cancelled"), _) | (_, Some("cancelled")) => Ending::Cancelled,
        (_, Some(WORKER_ENDS)) => Ending::HandedBack,
        (_, Some(reason)) => Ending::Killed(Failure::of(reason)),
        (Exit::Stopped(reason), None) => Ending::Killed(Failure::of(*reason)),
        (Exit::Status(0), None) => {
            Ending::Failed(Failure::saying("bad_result", "The script ended without a result."))
        }
        (Exit::Status(status), None) => {
            let message = format!("The script ended with status {status}.");
            Ending::Failed(Failure::saying("script_failed", &message))
        }
        (Exit::Signal(signal), None) => {
            let message = format!("The script was ended by signal {signal}.");
            Ending::Lost(Failure::saying("script_lost", &message))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::automation::attempt::ScriptFailure;

    fn failure(retry: bool) -> Heard {
        let failure = ScriptFailure { code: "full".into(), message: "No room.".into(), retry };
        Heard { hello: true, result: None, failure: Some(failure) }
    }

    #[test]
    fn what_a_script_said_counts_more_than_how_its_process_ended() {
        let result = Heard { hello: true, result: Some(Value::Null), failure: None };
        for exit in [Exit::Status(0), Exit::Status(1), Exit::Signal(9)] {
            let came = came_to(&Ok(exit), result.clone(), None, Effect::Steps);
            assert_eq!(came, Came::Result(Value::Null));
        }
        let told = Failure::saying("script:full", "No room.");
        let came = came_to(&Ok(Exit::Signal(9)), failure(false), None, Effect::Steps);
        assert_eq!(came, Came::To(Ending::Failed(told.clone())));
        let came = came_to(&Ok(Exit::Status(1)), failure(true), None, Effect::Steps);
        assert_eq!(came, Came::To(Ending::Again(told.clone())));
        let came = came_to(&Ok(Exit::Status(1)), failure(true), None, Effect::Unsafe);
        assert_eq!(came, Came::To(Ending::Failed(told)), "not begun twice");
    }

    #[test]
    fn whoever_lost_the_run_ends_nothing() {
        let stopped = Ok(Exit::Stopped("lease_lost"));
        assert_eq!(
            came_to(&stopped, failure(false), Some("lease_lost"), Effect::Reads),
            Came::Gone
        );
        let away = Err(Outage::harmless("begin", "test"));
        assert_eq!(came_to(&away, Heard::default(), Some("lease_lost"), Effect::Reads), Came::Gone);
    }

    #[test]
    fn a_script_that_may_still_be_at_work_is_left_to_the_end_of_its_credential() {
        for (heard, stop) in [(Heard::default(), None), (failure(true), Some("cancelled"))] {
            assert_eq!(came_to(&Ok(Exit::Unknown), heard, stop, Effect::Steps), Came::Gone);
        }
        let result = Heard { hello: true, result: Some(Value::Null), failure: None };
        let came = came_to(&Ok(Exit::Unknown), result, None, Effect::Steps);
        assert_eq!(came, Came::Result(Value::Null), "nothing follows a result");
    }

    #[test]
    fn only_what_certainly_never_began_is_told_so() {
        let exit = |outage| came_to(&Err(outage), Heard::default(), None, Effect::Unsafe);
        let never = exit(Outage::harmless("begin", "test"));
        assert!(matches!(never, Came::To(Ending::NotBegun(_))));
        let perhaps = exit(Outage::uncertain("wait", "test"));
        assert!(matches!(perhaps, Came::To(Ending::Lost(_))));
    }

    #[test]
    fn a_process_that_ends_without_a_word_is_told_by_its_end() {
        let code = |exit, stop| match came_to(&Ok(exit), Heard::default(), stop, Effect::Steps) {
            Came::To(Ending::Failed(it) | Ending::Killed(it) | Ending::Lost(it)) => it.code,
            Came::To(other) => format!("{other:?}"),
            other => unreachable!("{other:?}"),
        };
        assert_eq!(code(Exit::Status(0), None), "bad_result");
        assert_eq!(code(Exit::Status(1), None), "script_failed");
        assert_eq!(code(Exit::Signal(9), None), "script_lost");
        assert_eq!(code(Exit::Stopped("too_much_output"), None), "too_much_output");
        assert_eq!(code(Exit::Stopped("timed_out"), Some("timed_out")), "TimedOut");
        assert_eq!(code(Exit::Status(75), Some("cancelled")), "Cancelled");
        assert_eq!(code(Exit::Stopped("stopped"), Some(WORKER_ENDS)), "HandedBack");
    }
}
