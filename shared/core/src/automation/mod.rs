//! Runs of automations: who asks, what is queued, and what became of it.

mod queue;
mod run;

pub use self::queue::{BadMessage, Queue, RunMessage};
pub use self::run::{BadRunId, RunId};
