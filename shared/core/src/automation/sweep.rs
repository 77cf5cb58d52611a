//! The sweep: what `upkeep` does every minute so that no run is forgotten, whatever a queue loses.

use std::time::Duration;

use super::claim::Due;
use super::open::{OPEN_SHARDS, OpenRun, OpenRuns};
use super::state::State;
use super::{Queue, Run, RunId, RunMessage, Runs};
use crate::clock::Timestamp;
use crate::parts::Parts;
use crate::records::StoreError;
use crate::tenant::TenantId;

/// A run that was never sent is sent after this: its sender has died.
pub const UNSENT: Duration = Duration::from_secs(30);
/// A run that was sent and not claimed is sent again after this: its message may be lost.
pub const UNCLAIMED: Duration = Duration::from_mins(15);
/// An entry without a row is removed after this: its request was given up.
pub const ABANDONED: Duration = Duration::from_hours(1);

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many runs are open.
    pub open: usize,
    /// How many messages were sent.
    pub sent: usize,
    /// How many entries were removed.
    pub removed: usize,
    /// How many runs could not be read: somebody should look at them.
    pub unreadable: usize,
}

/// Lets time pass for every open run, sends what waits for a worker, and removes entries of what is over. A run that cannot be read is counted and
/// passed over, so that it cannot keep the others waiting; an outage ends the sweep.
pub async fn sweep(parts: &Parts, now: Timestamp) -> Result<Swept, StoreError> {
    let open = OpenRuns::new(&*parts.records, &*parts.random);
    let mut swept = Swept::default();
    for shard in 0..OPEN_SHARDS {
        for entry in open.of_shard(shard, now).await? {
            match look_after(parts, &entry, now).await {
                Ok(Care::Kept) => swept.open += 1,
                Ok(Care::Sent) => {
                    swept.open += 1;
                    swept.sent += 1;
                }
                Ok(Care::Over) => {
                    open.leave(&entry, now).await?;
                    swept.removed += 1;
                }
                Err(StoreError::Unreadable { .. }) => swept.unreadable += 1,
                Err(other) => return Err(other),
            }
        }
    }
    Ok(swept)
}

enum Care {
    Kept,
    Sent,
    Over,
}

async fn look_after(parts: &Parts, entry: &OpenRun, now: Timestamp) -> Result<Care, StoreError> {
    let runs = Runs::new(&*parts.records, &*parts.random);
    match runs.tend(&entry.tenant, &entry.id, now).await? {
        Due::Worker(run) if is_due(&run, now) => {
            send(&*parts.queue, &runs, &run, now).await?;
            Ok(Care::Sent)
        }
        Due::Nothing(next) => {
            send_next(&*parts.queue, &runs, (&entry.tenant, next), now).await?;
            Ok(Care::Kept)
        }
        Due::Over(next) => {
            send_next(&*parts.queue, &runs, (&entry.tenant, next), now).await?;
            Ok(Care::Over)
        }
        Due::Unknown if now >= entry.entered_at + ABANDONED => Ok(Care::Over),
        Due::Worker(_) | Due::Unknown => Ok(Care::Kept),
    }
}

/// Sends the run that waited for a slot, if there is one and it still waits.
pub async fn send_next(
    queue: &dyn Queue,
    runs: &Runs<'_>,
    (tenant, next): (&TenantId, Option<RunId>),
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(id) = next else { return Ok(()) };
    match runs.find(tenant, &id, now).await? {
        Some(run) if run.state == State::Queued => send(queue, runs, &run, now).await,
        _ => Ok(()),
    }
}

/// Sends the message about a run and notes that it was sent. A message without its note is sent twice, which
/// is harmless.
pub async fn send(
    queue: &dyn Queue,
    runs: &Runs<'_>,
    run: &Run,
    now: Timestamp,
) -> Result<(), StoreError> {
    let message = RunMessage {
        tenant: run.tenant.clone(),
        run: run.id.clone(),
        traceparent: run.traceparent.clone(),
    };
    queue.send(&message).await?;
    runs.mark_sent(run, now).await
}

/// Whether a message about a run that waits for a worker is missing.
fn is_due(run: &Run, now: Timestamp) -> bool {
    match run.sent_at {
        // A run that lost its worker is found by one sweep after the other until it has another.
        _ if run.state != State::Queued => true,
        Some(sent_at) => now >= sent_at + UNCLAIMED,
        None => run.attempt > 0 || now >= run.requested_at + UNSENT,
    }
}
