//! Runs of automations: who asks, what is queued, and what became of it.

mod asking;
pub mod attempt;
mod cancel;
pub mod catalog;
pub mod channel;
mod claim;
mod draft;
mod effect;
mod ending;
mod event;
mod listed;
mod open;
mod outcome;
mod queue;
mod redact;
mod request;
mod result;
mod row;
mod run;
mod runner;
mod runs;
mod sandbox;
mod schedule;
mod slots;
mod state;
mod step;
mod stored;
mod sweep;
mod uploads;

pub use self::asking::{NotAllowed, NotStartable, Wanted, known_level};
pub use self::cancel::Cancelled;
pub use self::claim::{Claim, Due};
pub use self::effect::{Effect, EffectClass};
pub use self::ending::{
    BACK_OFF, Ending, Failure, LONGEST_BACK_OFF, MESSAGE_LENGTH, Outcome as RunOutcome,
};
pub use self::event::{Event, EventPage, Happening, Source};
pub use self::listed::{ListedPage, ListedRuns};
pub use self::open::{OPEN_SHARDS, OpenRun, OpenRuns};
pub use self::outcome::{OutcomeRecord, REASON_LENGTH, Recorded, StepOutcome};
pub use self::queue::{BadMessage, Queue, RunMessage};
pub use self::redact::{LEAST, RedactedLines, RedactedStream, Redactor, Unmaskable};
pub use self::request::{Asker, Requested, RunRequest, SLOT_GRACE};
pub use self::result::{INLINE_BYTES, RESULT_BYTES, artifact_object, check_result, result_object};
pub use self::row::{Artifact, Progress, Requester, ResultPlace, Run, Unproven, Written};
pub use self::run::{BadRunId, RunId};
pub use self::runner::{Attempt, Exit, Job, NoRunner, Runner};
pub use self::runs::{Asked, FileRef, Runs, partition};
pub use self::sandbox::{BadLevel, Level, Probe, SandboxReport};
pub use self::schedule::{Rhythm, Schedule, Scheduled, start_due};
pub use self::slots::Slots;
pub use self::state::{HEARTBEAT, LEASE, SKEW, State};
pub use self::step::{EVIDENCE_BYTES, MAX_STEPS, StepRecord, StepState, VALUE_BYTES, WHOLE_SCRIPT};
pub use self::sweep::{ABANDONED, Swept, UNCLAIMED, UNSENT, send, send_next, sweep};
pub use self::uploads::{DIRECT_BYTES, UPLOAD_BYTES, Upload, Uploads, content_of};
