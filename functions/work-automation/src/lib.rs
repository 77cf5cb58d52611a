//! Carries out one run for one queue message.
//!
//! The catalog of automations is empty so far. Each run is claimed and ended with the code that says so.

use futures::future::BoxFuture;
use gatelet_core::automation::{Claim, RunMessage, Runs, State};
use gatelet_core::outage::Chain;
use gatelet_core::parts::Parts;
use gatelet_core::records::StoreError;
use gatelet_edge::work::Verdict;

/// What the hosts call for each message.
#[must_use]
pub fn on_message(parts: &Parts, message: RunMessage) -> BoxFuture<'_, Verdict> {
    Box::pin(work(parts, message))
}

/// Works on a message. Delivered twice, it does nothing the second time.
async fn work(parts: &Parts, message: RunMessage) -> Verdict {
    let RunMessage { tenant, run, .. } = &message;
    match carry_out(parts, &message).await {
        Ok(Ended::Now) => {
            tracing::info!(%tenant, %run, "ended a run");
            Verdict::Done
        }
        Ok(Ended::Elsewhere) => Verdict::Done,
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
    Now,
    Elsewhere,
    Never,
}

async fn carry_out(parts: &Parts, message: &RunMessage) -> Result<Ended, StoreError> {
    let runs = Runs::new(&*parts.records, &*parts.random);
    let held = match runs.claim(&message.tenant, &message.run, parts.clock.now()).await? {
        Claim::Granted(run) => run,
        Claim::Held | Claim::Over => return Ok(Ended::Elsewhere),
        Claim::Unknown => return Ok(Ended::Never),
    };
    let ending = State::Failed { code: "unknown_automation".into() };
    let ended = runs.finish(&held, ending, parts.clock.now()).await?;
    Ok(if ended { Ended::Now } else { Ended::Elsewhere })
}
