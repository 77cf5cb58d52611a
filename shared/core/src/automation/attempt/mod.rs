//! An attempt: one script, started once under one fence, and what it reports.

mod artifact;
mod hear;
mod holder;
mod message;
mod output;
mod ready;
mod start;
mod steps;
mod verdict;

use serde_json::Value;

pub use self::artifact::{ARTIFACT_BYTES, ARTIFACTS};
pub use self::holder::{Beginning, Holder, Pace, Pulse};
pub use self::message::{Answer, CHUNK_BYTES, LINE_BYTES, Message};
pub use self::output::{LINE_TEXT_BYTES, LOG_BYTES, LOG_LINES, PROGRESS_LENGTH};
pub use self::ready::{Ready, make_ready};
pub use self::start::{Given, start_document};
pub use self::steps::TITLE_LENGTH;
pub use self::verdict::{Came, WORKER_ENDS, came_to};
use crate::records::StoreError;

/// The code of a step whose end nobody knows. A script that fails with it leaves the steps that it has under way to a person.
pub const OUTCOME_UNKNOWN: &str = "outcome_unknown";

/// Why a change could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Gone {
    /// Somebody else may have the run by now, or it is over.
    #[error("the run is no longer held")]
    Lost,
    /// The store was away until the lease came to its end, or said what it must not say.
    #[error("could not keep what an attempt did")]
    Away(#[source] StoreError),
}

/// What a script has said about its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// Whether it has said hello, and was let in.
    pub hello: bool,
    /// What came out. Redacted, and not checked against what the automation promises.
    pub result: Option<Value>,
    /// Why nothing did.
    pub failure: Option<ScriptFailure>,
}

/// What a script says about its failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFailure {
    /// A stable word of its own.
    pub code: String,
    /// The same for people. Redacted.
    pub message: String,
    /// Whether another attempt may go better.
    pub retry: bool,
}

impl Heard {
    /// Whether nothing may follow.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.result.is_some() || self.failure.is_some()
    }
}
