//! The ledger of steps: what a run has begun to do outside, and what is known about it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::RunId;
use super::effect::EffectClass;
use super::ending::Ending;
use super::event::Happening;
use super::stored::{maybe_ms, ms};
use crate::clock::Timestamp;
use crate::digest::digest_of;
use crate::records::{BadName, Name, Record, StoreError, decode, encode};
use crate::tenant::TenantId;

/// The most steps of one run.
pub const MAX_STEPS: u32 = 200;
/// The longest value that a step leaves for later attempts, as JSON.
pub const VALUE_BYTES: usize = 8 * 1024;
/// The longest evidence of a step, as JSON.
pub const EVIDENCE_BYTES: usize = 4 * 1024;
/// The key of the one step that a whole script of effect `unsafe` is.
pub const WHOLE_SCRIPT: &str = "script";

/// What every step's key begins with.
pub(super) const PREFIX: &str = "step:";

/// A step, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The version of the stored form.
    pub v: u8,
    /// Its place among the run's steps, from one.
    pub number: u32,
    /// Its name within the run.
    pub key: String,
    /// What people read.
    pub title: String,
    /// What may be done after a crash.
    pub class: EffectClass,
    /// Whether it is folded away when it went well.
    pub quiet: bool,
    /// SHA-256 in hex over what it is called with.
    pub params: String,
    /// Where it stands.
    pub state: StepState,
    /// Under which fence it was last begun.
    pub fence: u32,
    /// When it was first begun.
    #[serde(rename = "begun_ms", with = "ms")]
    pub begun_at: Timestamp,
    /// When it was done.
    #[serde(rename = "done_ms", with = "maybe_ms")]
    pub done_at: Option<Timestamp>,
    /// What proves it.
    pub evidence: Map<String, Value>,
    /// What it gave, for an attempt that skips it.
    pub value: Value,
    /// Whether an attempt began it that another one had begun before.
    pub repeated: bool,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// It was begun.
    Begun,
    /// Its effect is there.
    Done,
    /// It had no effect.
    Undone,
    /// Nobody knows.
    Unknown,
    /// A person has said that its effect is there.
    Recorded,
}

impl StepRecord {
    /// A step that begins for the first time.
    pub(super) fn begin(intent: Intent, (number, fence): (u32, u32), now: Timestamp) -> Self {
        Self {
            v: 1,
            number,
            key: intent.key,
            title: intent.title,
            class: intent.class,
            quiet: intent.quiet,
            params: intent.params,
            state: StepState::Begun,
            fence,
            begun_at: now,
            done_at: None,
            evidence: Map::new(),
            value: Value::Null,
            repeated: false,
        }
    }

    /// A script that is one step, once its attempt has ended: done when it has come to an end of its own, undone when it
    /// was never begun. Otherwise nobody knows.
    pub(super) fn over(mut self, ending: &Ending, now: Timestamp) -> Option<Self> {
        match ending {
            Ending::Succeeded(_) | Ending::Failed(_) => {
                self.state = StepState::Done;
                self.done_at = Some(now);
            }
            Ending::NotBegun(_) => self.state = StepState::Undone,
            _ => return None,
        }
        Some(self)
    }

    /// What whoever watches is told of it.
    pub(super) fn happening(&self) -> Happening {
        let is_over = matches!(self.state, StepState::Done | StepState::Recorded);
        Happening::Step {
            key: self.key.clone(),
            title: self.title.clone(),
            class: self.class,
            quiet: self.quiet,
            state: self.state,
            evidence: (is_over && !self.evidence.is_empty()).then(|| self.evidence.clone()),
            repeated: self.repeated,
        }
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        encode("step", self)
    }

    pub(super) fn decode(record: &Record) -> Result<Self, StoreError> {
        decode("step", record)
    }
}

/// A step that a script wants to begin.
#[derive(Clone, Debug)]
pub(super) struct Intent {
    pub(super) key: String,
    pub(super) class: EffectClass,
    pub(super) title: String,
    pub(super) params: String,
    pub(super) quiet: bool,
}

/// The key under which a step lies.
pub(super) fn name(key: &str) -> Result<Name, BadName> {
    Name::new(format!("{PREFIX}{key}"))
}

/// The token that a step gives to its target: a UUID (RFC 9562 §5.8) that every attempt of the run gives again,
/// and no other run.
pub(super) fn token(tenant: &TenantId, run: &RunId, key: &str) -> String {
    let mut bytes = [0; 16];
    let digest = digest_of(&["step token", tenant.as_str(), run.as_str(), key]);
    bytes.copy_from_slice(digest.split_at(16).0);
    let [.., seventh, _, ninth, _, _, _, _, _, _, _] = &mut bytes;
    *seventh = (*seventh & 0x0f) | 0x80;
    *ninth = (*ninth & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_uuid_of_this_step_alone() {
        let [acme, globex] = ["acme", "globex"].map(|id| TenantId::new(id).unwrap());
        let run = RunId::derive(&acme, "ada", "route", "key");
        let first = token(&acme, &run, "mail");
        assert_eq!(first, token(&acme, &run, "mail"), "the same in every attempt");
        assert_ne!(first, token(&acme, &run, "post"));
        assert_ne!(first, token(&globex, &run, "mail"));
        let parts: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&first[14..15], "8", "version 8");
        assert!("89ab".contains(&first[19..20]), "the variant of RFC 9562");
    }
}
