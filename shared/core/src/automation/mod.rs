//! Runs of automations: who asks, what is queued, and what became of it.

pub mod attempt;
pub mod catalog;
mod effect;
mod listed;
mod open;
mod queue;
mod redact;
mod run;
mod runner;
mod runs;
mod sandbox;
mod slots;
mod state;
mod sweep;

pub use self::effect::{Effect, EffectClass};
pub use self::listed::ListedRuns;
pub use self::open::{OPEN_SHARDS, OpenRun, OpenRuns};
pub use self::queue::{BadMessage, Queue, RunMessage};
pub use self::redact::{LEAST, RedactedLines, RedactedStream, Redactor, Unmaskable};
pub use self::run::{BadRunId, RunId};
pub use self::runner::{Attempt, Exit, Job, NoRunner, Runner};
pub use self::runs::{Claim, Requested, RunRequest, Runs, partition};
pub use self::sandbox::{BadLevel, Level, Probe, SandboxReport};
pub use self::slots::Slots;
pub use self::state::{LEASE, Run, SKEW, State};
pub use self::sweep::{ABANDONED, Swept, UNCLAIMED, UNSENT, send, sweep};
