//! Carries out one run for one queue message: claims it, makes ready what its script needs, lets the runner run it,
//! keeps what it reports, and ends it.

mod attempt;
mod spans;
mod watch;

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::BoxFuture;
use gatelet_core::automation::attempt::Gone;
use gatelet_core::automation::{Claim, Run, RunMessage, Runs, State, send, send_next};
use gatelet_core::outage::Chain;
use gatelet_core::parts::Parts;
use gatelet_core::records::StoreError;
use gatelet_edge::work::Verdict;

/// The longest that one message keeps a worker. A platform ends its worker a little later.
const LONGEST: Duration = Duration::from_mins(13);
/// The longest pause before another attempt that a worker waits for. The sweep sends what waits for longer.
const SHORT_PAUSE: Duration = Duration::from_secs(45);

/// What the hosts call for each message.
#[must_use]
pub fn on_message(parts: &Parts, message: RunMessage) -> BoxFuture<'_, Verdict> {
    Box::pin(work(parts, message))
}

/// Works on a message. Delivered twice, it does nothing the second time.
async fn work(parts: &Parts, message: RunMessage) -> Verdict {
    let RunMessage { tenant, run, .. } = &message;
    match carry_out(parts, &message).await {
        Ok(Ended::Here) => Verdict::Done,
        Ok(Ended::Elsewhere) => {
            tracing::debug!(%tenant, %run, "a message found nothing to do");
            Verdict::Done
        }
        Ok(Ended::Never) => {
            tracing::warn!(%tenant, %run, "a message names a run that does not exist");
            Verdict::Discard
        }
        Err(error) => {
            tracing::error!(error = %Chain(&error), %tenant, %run, "a run must wait");
            Verdict::Retry
        }
    }
}

enum Ended {
    Here,
    Elsewhere,
    Never,
}

/// One attempt, and the next ones as long as they may begin soon.
async fn carry_out(parts: &Parts, message: &RunMessage) -> Result<Ended, StoreError> {
    let runs = Runs::new(&*parts.records, &*parts.random);
    let until = parts.clock.now() + LONGEST;
    loop {
        let held = match runs.claim(&message.tenant, &message.run, parts.clock.now()).await? {
            Claim::Granted(run) => *run,
            Claim::Held | Claim::Waits | Claim::Busy | Claim::Over => return Ok(Ended::Elsewhere),
            Claim::Unknown => return Ok(Ended::Never),
        };
        let run = match attempt::carry_out(parts, held).await {
            Ok((run, next)) => {
                let now = parts.clock.now();
                // Where a worker may not send, or cannot, the sweep does.
                if let Err(error) = send_next(&*parts.queue, &runs, (&run.tenant, next), now).await
                {
                    tracing::warn!(error = %Chain(&error), "the next run was not sent");
                }
                run
            }
            // Whoever has the run ends it.
            Err(Gone::Lost) => return Ok(Ended::Elsewhere),
            Err(Gone::Away(away)) => return Err(away),
        };
        let (state, code) = (run.state.name(), run.code.as_deref());
        tracing::info!(tenant = %run.tenant, run = %run.id, attempt = run.attempt, state, code, "ended an attempt");
        if parts.memory.is_ending.load(Ordering::Relaxed) {
            if run.state == State::Queued {
                send(&*parts.queue, &runs, &run, parts.clock.now()).await?;
            }
            return Ok(Ended::Here);
        }
        let Some(pause) = pause(parts, &run) else { return Ok(Ended::Here) };
        if parts.clock.now() + pause + attempt::longest(parts, &run) > until {
            return Ok(Ended::Here);
        }
        tokio::time::sleep(pause).await;
    }
}

/// How long the next attempt has to wait, if there is one and it is worth waiting for.
fn pause(parts: &Parts, run: &Run) -> Option<Duration> {
    let waits = run.not_before.filter(|_| run.state == State::Queued)?;
    let pause = waits.since(parts.clock.now());
    (pause <= SHORT_PAUSE).then_some(pause)
}
