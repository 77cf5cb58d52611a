//! What a run tells to whoever watches it: numbered events, each a record of its own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::effect::EffectClass;
use super::row::Progress;
use super::state::State;
use super::step::StepState;
use crate::records::{BadName, Name};

/// What every event's key begins with.
pub(super) const PREFIX: &str = "event:";

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the run, from one.
    pub seq: u32,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// The run stands elsewhere.
    State {
        /// Where.
        state: State,
        /// Why, in a stable word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Which attempt it is.
        attempt: u32,
        /// When it goes on by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        continues_at_ms: Option<u64>,
    },
    /// A step began or ended.
    Step {
        /// Its key.
        key: String,
        /// What people read.
        title: String,
        /// What may be done after a crash.
        class: EffectClass,
        /// Whether it is folded away when it went well.
        quiet: bool,
        /// Where it stands.
        state: StepState,
        /// What proves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<Map<String, Value>>,
        /// Whether an earlier attempt had begun it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        repeated: bool,
    },
    /// It is this far.
    Progress(Progress),
    /// It wrote lines.
    Log {
        /// Who wrote them.
        source: Source,
        /// The lines. Redacted.
        lines: Vec<String>,
    },
    /// It wrote more than is kept.
    LogCut,
    /// It left a file.
    Artifact {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// How long it is.
        bytes: u64,
        /// SHA-256 of it in hex.
        sha256: String,
    },
    /// It has a result.
    Result {
        /// How long it is as JSON.
        bytes: u64,
    },
    /// Something that people should know.
    Note {
        /// What.
        text: String,
    },
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The script.
    Script,
    /// The gateway.
    Gateway,
}

/// Some events of a run, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPage {
    /// The events, by number.
    pub events: Vec<Event>,
    /// The number of the run's latest event. Later ones are asked for after the last that was given.
    pub seq: u32,
    /// Where the run stands.
    pub state: State,
}

/// The key under which the event of a number lies.
pub(super) fn key(seq: u32) -> Result<Name, BadName> {
    Name::new(format!("{PREFIX}{seq:08}"))
}
