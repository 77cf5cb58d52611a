//! What a process of one machine does besides answering: messages, and the upkeep of every minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{join, join_all};
use gatelet_core::outage::{Chain, Outage};
use gatelet_core::parts::Parts;
use gatelet_edge::work::{OnMessage, OnTick, Verdict, receive};
use gatelet_local::SqliteQueue;
use tokio::sync::watch;

use crate::otlp::Export;

/// How long a message is the worker's before it is delivered again.
const MESSAGE_LEASE: Duration = Duration::from_mins(5);
/// How long the worker waits before it looks into an empty queue again.
const QUEUE_PAUSE: Duration = Duration::from_millis(200);
/// How long a part of the process waits after an outage.
const OUTAGE_PAUSE: Duration = Duration::from_secs(2);
/// How often traces are exported.
const EXPORT_PAUSE: Duration = Duration::from_secs(5);
/// The timer's period.
const TICK: Duration = Duration::from_mins(1);

/// So many messages are worked on at a time.
const AT_A_TIME: usize = 4;

/// The worker of the queue.
#[derive(Clone)]
pub(super) struct Worker {
    pub(super) parts: Arc<Parts>,
    pub(super) inbox: Arc<SqliteQueue>,
    pub(super) on_message: OnMessage,
    /// How many messages it has in its hands.
    pub(super) busy: Arc<AtomicUsize>,
}

/// Works on several messages at a time until it is told to stop, and then finishes or hands back what it has.
pub(super) async fn work(worker: Worker, stopping: watch::Receiver<bool>) {
    let parts = Arc::clone(&worker.parts);
    let ending = tell_ending(&parts, stopping.clone());
    let hands = (0..AT_A_TIME).map(|_| one_hand(worker.clone(), stopping.clone()));
    join(ending, join_all(hands)).await;
}

async fn tell_ending(parts: &Parts, mut stopping: watch::Receiver<bool>) {
    // That the sender is gone means the same.
    let _ = stopping.wait_for(|stop| *stop).await;
    parts.memory.is_ending.store(true, Ordering::Relaxed);
}

async fn one_hand(worker: Worker, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let pause = match work_once(&worker).await {
            Ok(true) => continue,
            Ok(false) => QUEUE_PAUSE,
            Err(outage) => {
                tracing::error!(error = %Chain(&outage), "the queue is away");
                OUTAGE_PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Works on one message; false when none is waiting.
async fn work_once(worker: &Worker) -> Result<bool, Outage> {
    let Worker { parts, inbox, on_message, busy } = worker;
    let now = parts.clock.now();
    let Some(delivery) = inbox.receive(now, MESSAGE_LEASE).await? else {
        return Ok(false);
    };
    busy.fetch_add(1, Ordering::Relaxed);
    let verdict = receive(parts, &delivery.text, *on_message).await;
    busy.fetch_sub(1, Ordering::Relaxed);
    match verdict {
        Verdict::Done | Verdict::Discard => {
            inbox.delete(&delivery).await?;
        }
        // Its lease runs out, and it is delivered again.
        Verdict::Retry => {}
    }
    Ok(true)
}

/// Exports traces every few seconds until it is told to stop.
pub(super) async fn keep_exporting(export: Arc<Export>, mut stopping: watch::Receiver<bool>) {
    while export.is_on() && !*stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(EXPORT_PAUSE) => export.flush().await,
            _ = stopping.changed() => {}
        }
    }
}

/// Does the upkeep every minute until it is told to stop.
pub(super) async fn keep_time(
    parts: Arc<Parts>,
    on_tick: OnTick,
    mut stopping: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(TICK);
    // An interval's first tick is due at once, and has been done.
    ticks.tick().await;
    while !*stopping.borrow() {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = on_tick(&parts).await {
                    tracing::error!(error = %Chain(error.as_ref()), "upkeep");
                }
            }
            _ = stopping.changed() => {}
        }
    }
}
