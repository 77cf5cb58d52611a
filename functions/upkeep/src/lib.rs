//! What must happen every minute although nobody asks: keys, forgotten runs, runs that are due, expired records.

use std::time::Duration;

use futures::future::BoxFuture;
use gatelet_core::automation::{start_due, sweep};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::{Cause, Chain};
use gatelet_core::parts::Parts;
use gatelet_core::secrets::own::OwnSecret;
use gatelet_core::token::KeyRing;

/// What has expired is deleted every so many minutes: some stores must read all their records for it.
const PURGE_MINUTES: u64 = 15;
/// The most records, and the most objects, that one purge deletes.
const PURGE_BUDGET: usize = 5_000;
/// How long files are kept.
const FILES_KEPT: Duration = Duration::from_hours(30 * 24);

/// Some of the tick's tasks failed. Each was logged; the next tick tries them again.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {of} upkeep tasks failed")]
struct Unfinished {
    failed: usize,
    of: usize,
}

/// What the hosts call every minute.
#[must_use]
pub fn on_tick(parts: &Parts) -> BoxFuture<'_, Result<(), Cause>> {
    Box::pin(async { Ok(tick(parts).await?) })
}

/// Does one tick. A task that fails does not keep the others from being done.
async fn tick(parts: &Parts) -> Result<(), Unfinished> {
    let now = parts.clock.now();
    let mut results = vec![
        report("signing keys", &tend_keys(parts, now).await),
        report("own secrets", &ensure_secrets(parts).await),
        report("sweep", &sweep_runs(parts, now).await),
        report("schedules", &start_scheduled(parts, now).await),
    ];
    if (now.secs() / 60).is_multiple_of(PURGE_MINUTES) {
        results.push(report("records", &purge_records(parts, now).await));
        results.push(report("files", &purge_files(parts, now).await));
    }
    let failed = results.iter().filter(|done| !**done).count();
    if failed == 0 { Ok(()) } else { Err(Unfinished { failed, of: results.len() }) }
}

type Outcome = Result<(), Cause>;

async fn tend_keys(parts: &Parts, now: Timestamp) -> Outcome {
    let ring = KeyRing::new(&*parts.records, &*parts.random);
    ring.tend(&*parts.key_maker, &*parts.signer, now).await?;
    Ok(())
}

/// Each is asked for in turn, so that one that cannot be made keeps no other from being made.
async fn ensure_secrets(parts: &Parts) -> Outcome {
    let (secrets, random) = (&*parts.secrets, &*parts.random);
    let memory = &parts.memory.own_secrets;
    let mut last = Ok(());
    for which in OwnSecret::ALL {
        if let Err(outage) = memory.ensure(secrets, which, random).await {
            last = Err(outage.into());
        }
    }
    last
}

async fn sweep_runs(parts: &Parts, now: Timestamp) -> Outcome {
    let swept = sweep(parts, now).await?;
    if swept.unreadable > 0 {
        return Err(format!("{} runs cannot be read", swept.unreadable).into());
    }
    tracing::debug!(swept.open, swept.sent, swept.removed, "swept the open runs");
    Ok(())
}

async fn start_scheduled(parts: &Parts, now: Timestamp) -> Outcome {
    let done = start_due(parts, now).await?;
    if done.unreadable > 0 {
        return Err(format!("{} schedules cannot be read", done.unreadable).into());
    }
    tracing::debug!(done.begun, done.passed_over, "looked after the schedules");
    Ok(())
}

async fn purge_records(parts: &Parts, now: Timestamp) -> Outcome {
    let purged = parts.records.purge(now, PURGE_BUDGET).await?;
    tracing::debug!(purged.deleted, purged.more, "purged expired records");
    Ok(())
}

async fn purge_files(parts: &Parts, now: Timestamp) -> Outcome {
    parts.objects.purge(now.before(FILES_KEPT), PURGE_BUDGET).await?;
    Ok(())
}

fn report(task: &'static str, result: &Outcome) -> bool {
    if let Err(error) = result {
        tracing::error!(error = %Chain(error.as_ref()), task, "an upkeep task failed");
    }
    result.is_ok()
}
