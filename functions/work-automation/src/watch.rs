//! Watches over an attempt while its script runs: says that its holder lives, looks whether a person wants it to end,
//! and carries what the script says to the holder.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::attempt::{
    Answer, Holder, Message, OUTCOME_UNKNOWN, Pace, Pulse, WORKER_ENDS,
};
use gatelet_core::automation::{Attempt, HEARTBEAT};
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::sleep;

/// How often what the script wrote is kept.
const KEEP: Duration = Duration::from_secs(1);
/// Every so many times it is also looked whether a person wants the run to end.
const LOOK: u64 = 2;
/// How long a store that is away is left alone.
const PAUSE: Duration = Duration::from_millis(500);

/// Waits by the machine's clock.
pub(crate) struct Sleeps;

#[async_trait]
impl Pace for Sleeps {
    async fn pause(&self) {
        sleep(PAUSE).await;
    }
}

/// The gateway's side of one attempt.
pub(crate) struct Watch<'h, 'a> {
    holder: &'h Holder<'a>,
    /// Set when the process was told to end and its script may be ended with it.
    is_ending: Option<&'h AtomicBool>,
    stop: Sender<Option<&'static str>>,
}

impl<'h, 'a> Watch<'h, 'a> {
    pub(crate) fn new(holder: &'h Holder<'a>, is_ending: Option<&'h AtomicBool>) -> Self {
        Self { holder, is_ending, stop: Sender::new(None) }
    }

    /// Why the script was told to end, if it was.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        *self.stop.borrow()
    }

    /// Says every now and then that the holder lives.
    pub(crate) async fn beat(&self) -> Infallible {
        let beat = HEARTBEAT.as_secs() / KEEP.as_secs();
        let mut seconds: u64 = 0;
        loop {
            sleep(KEEP).await;
            seconds += 1;
            if self.is_ending.is_some_and(|is_ending| is_ending.load(Ordering::Relaxed)) {
                self.end(WORKER_ENDS);
            }
            let pulse = if seconds.is_multiple_of(beat) {
                self.holder.heartbeat().await
            } else if seconds.is_multiple_of(LOOK) {
                self.holder.look().await
            } else {
                self.holder.flush().await
            };
            match pulse {
                Pulse::Beats => {}
                Pulse::Cancelled => self.end("cancelled"),
                Pulse::Lost => self.end("lease_lost"),
            }
        }
    }

    /// The first reason counts, but for the one after which nothing may be written any more.
    fn end(&self, reason: &'static str) {
        self.stop.send_if_modified(|stop| {
            let counts = stop.is_none() || (reason == "lease_lost" && *stop != Some(reason));
            if counts {
                *stop = Some(reason);
            }
            counts
        });
    }
}

#[async_trait]
impl Attempt for Watch<'_, '_> {
    async fn hear(&self, message: Message) -> Answer {
        let answer = self.holder.hear(message).await;
        if let Answer::Stop { reason } = &answer {
            self.end(match reason.as_str() {
                "cancelled" => "cancelled",
                "attempt_taken" => "attempt_taken",
                OUTCOME_UNKNOWN => OUTCOME_UNKNOWN,
                _ => "lease_lost",
            });
        }
        answer
    }

    async fn output(&self, lines: Vec<String>) {
        if self.holder.output(lines).await.is_err() {
            self.end("lease_lost");
        }
    }

    async fn stopped(&self) -> &'static str {
        let mut stop: Receiver<_> = self.stop.subscribe();
        // The sender is ours, so it is not gone.
        match stop.wait_for(Option::is_some).await {
            Ok(reason) => reason.unwrap_or("lease_lost"),
            Err(_) => "lease_lost",
        }
    }
}
