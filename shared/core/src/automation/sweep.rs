//! The sweep: what `upkeep` does every minute so that no run is forgotten, whatever a queue loses.

use std::time::Duration;

use super::open::{OPEN_SHARDS, OpenRun, OpenRuns};
use super::state::{SKEW, State};
use super::{Queue, Run, RunMessage, Runs};
use crate::clock::Timestamp;
use crate::parts::Parts;
use crate::records::StoreError;

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

/// Sends what waits unsent and removes entries of what is over. A run that cannot be read is counted and
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
    match runs.find(&entry.tenant, &entry.id, now).await? {
        Some(run) if run.state.is_final() => Ok(Care::Over),
        Some(run) if is_due(&run, now) => {
            send(&*parts.queue, &runs, &run, now).await?;
            Ok(Care::Sent)
        }
        None if is_abandoned(entry, now) => Ok(Care::Over),
        Some(_) | None => Ok(Care::Kept),
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

fn is_due(run: &Run, now: Timestamp) -> bool {
    match run.state {
        State::Queued => match run.sent_at {
            None => now >= run.requested_at + UNSENT,
            Some(sent_at) => now >= sent_at + UNCLAIMED,
        },
        State::Leased { until_ms } => now >= Timestamp::from_millis(until_ms) + SKEW,
        State::Succeeded | State::Failed { .. } => false,
    }
}

fn is_abandoned(entry: &OpenRun, now: Timestamp) -> bool {
    now >= entry.entered_at + ABANDONED
}
