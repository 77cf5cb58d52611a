//! The attempt channel: what a running script says and what it is answered, one JSON document a line.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::automation::effect::EffectClass;

/// The longest line of either side, in bytes: an artifact's chunk with what surrounds it.
pub const LINE_BYTES: usize = 512 * 1024;
/// The most bytes of an artifact in one message, before base64.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// What a script says. The gateway believes none of it: each member is bounded and redacted before it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "m", rename_all = "lowercase", deny_unknown_fields)]
pub enum Message {
    /// It has started. Answered `go` once for each fence.
    Hello,
    /// It is about to do a step.
    Intent {
        /// The step's name within the run: 1 to 64 of `a-z 0-9 . _ -`.
        key: String,
        /// What may be done after a crash.
        class: EffectClass,
        /// What people read.
        title: String,
        /// SHA-256 in hex over what the step is called with. Another one under the same key is a mistake.
        params: String,
        /// Whether the console folds it away when it went well.
        #[serde(default)]
        quiet: bool,
    },
    /// The step's effect is there.
    Done {
        /// Which step.
        key: String,
        /// What proves it: request ids, versions, entity tags. Small and never secret.
        #[serde(default)]
        evidence: Map<String, Value>,
        /// What the step gave, for an attempt that skips it.
        #[serde(default)]
        value: Value,
    },
    /// The step had no effect, certainly: a later attempt begins it anew.
    Undone {
        /// Which step.
        key: String,
    },
    /// How far it is.
    Progress {
        /// How many are done.
        done: u64,
        /// Of how many.
        #[serde(default)]
        of: Option<u64>,
        /// Of what, such as `accounts`.
        #[serde(default)]
        text: String,
    },
    /// A line for people.
    Log {
        /// The line.
        text: String,
    },
    /// A piece of a file that the run leaves. The pieces come in order.
    Artifact {
        /// The file's name: 1 to 100 of `A-Z a-z 0-9 . _ -`.
        name: String,
        /// Its media type.
        media_type: String,
        /// The piece, in base64.
        chunk: String,
        /// Whether it is the last.
        last: bool,
    },
    /// What came out. Nothing follows.
    Result {
        /// The result, of the form that the manifest declares.
        value: Value,
    },
    /// It could not do what was asked. Nothing follows.
    Failure {
        /// A stable word: 1 to 64 of `a-z 0-9 _`.
        code: String,
        /// The same for people.
        message: String,
        /// Whether another attempt may go better.
        #[serde(default)]
        retry: bool,
    },
}

/// What the gateway answers to each message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "a", rename_all = "lowercase")]
pub enum Answer {
    /// Go on.
    Go,
    /// Begin the step.
    Begin {
        /// The same in every attempt of this run: a UUID.
        token: String,
        /// An earlier attempt may have done it. A step of class C is looked up first.
        repeated: bool,
    },
    /// The step was done by an earlier attempt: skip it.
    Skip {
        /// What it gave then.
        value: Value,
    },
    /// End now. Whatever is begun from here on is nobody's.
    Stop {
        /// Why, in a stable word such as `cancelled`.
        reason: String,
    },
    /// The message is wrong, and was not kept.
    Wrong {
        /// What is wrong, for the author of the script.
        problem: String,
    },
}
