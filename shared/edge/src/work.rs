//! What becomes of a queue message after somebody tried to work on it.

use futures::future::BoxFuture;
use gatelet_core::automation::RunMessage;
use gatelet_core::outage::{Cause, Chain};
use gatelet_core::parts::Parts;

/// The verdict on one message, reached where its failure is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the host must carry the verdict out"]
pub enum Verdict {
    /// It is dealt with, or was before: take it off the queue.
    Done,
    /// It could not be dealt with now: deliver it again.
    Retry,
    /// It will never be understood: take it off the queue. It was logged.
    Discard,
}

/// Works on one message: what a queue-triggered function is to its host.
pub type OnMessage = for<'a> fn(&'a Parts, RunMessage) -> BoxFuture<'a, Verdict>;

/// Does what a minute brings: what a timer-triggered function is to its host.
pub type OnTick = for<'a> fn(&'a Parts) -> BoxFuture<'a, Result<(), Cause>>;

/// Reads a message and works on it. A text that is no message is discarded: it will not be one later either.
pub async fn receive(parts: &Parts, text: &str, work: OnMessage) -> Verdict {
    match RunMessage::from_json(text) {
        Ok(message) => work(parts, message).await,
        Err(error) => {
            let bytes = text.len();
            tracing::error!(error = %Chain(&error), bytes, "discarded a message");
            Verdict::Discard
        }
    }
}
