//! What an attempt leaves in its run's trace: a span of its own, and one for each step that it began.

use gatelet_core::automation::{Run, Runs, State, StepRecord, StepState};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Chain;
use gatelet_core::parts::Parts;
use gatelet_core::trace::{Span, SpanKind, TraceContext};

/// Keeps the spans of the attempt that has ended, where somebody exports. They carry no value, and no word of the
/// script's: a step has its number, for its key may be somebody's.
pub(crate) async fn trace(parts: &Parts, run: &Run, began: Timestamp) {
    let spans = &parts.memory.spans;
    let Some(attempt) = run.attempt_trace().filter(|trace| spans.is_on() && trace.is_sampled())
    else {
        return;
    };
    let ended = parts.clock.now();
    match Runs::new(&*parts.records, &*parts.random).steps(run, ended).await {
        Ok(steps) => {
            for step in steps.iter().filter(|step| step.fence == run.fence) {
                spans.keep(of_step(step, &attempt, ended));
            }
        }
        Err(error) => tracing::warn!(error = %Chain(&error), "a trace lacks its steps"),
    }
    spans.keep(Span {
        context: attempt,
        name: "attempt".into(),
        kind: SpanKind::Consumer,
        began,
        ended,
        facts: vec![
            ("gatelet.attempt", run.attempt.into()),
            ("gatelet.state", run.state.name().into()),
        ],
        has_failed: !matches!(run.state, State::Succeeded | State::Cancelled),
    });
}

fn of_step(step: &StepRecord, attempt: &TraceContext, ended: Timestamp) -> Span {
    Span {
        context: attempt.below("step", step.number),
        name: "step".into(),
        kind: SpanKind::Internal,
        began: step.begun_at,
        ended: step.done_at.unwrap_or(ended),
        facts: vec![
            ("gatelet.step.number", step.number.into()),
            ("gatelet.step.class", format!("{:?}", step.class).into()),
        ],
        has_failed: !matches!(
            step.state,
            StepState::Done | StepState::Recorded | StepState::Undone
        ),
    }
}
