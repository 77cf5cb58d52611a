//! A run as its row tells it: everything about it that changes, in one record.

use serde::{Deserialize, Serialize};

use super::effect::EffectClass;
use super::state::State;
use super::step::StepRecord;
use super::stored::{maybe_ms, ms, run_id, tenant};
use super::{RunId, SandboxReport};
use crate::audit::ChainHead;
use crate::clock::Timestamp;
use crate::records::{Record, StoreError, decode, encode};
use crate::tenant::TenantId;
use crate::trace::TraceContext;

/// The version of the stored form.
const FORM: u8 = 2;

/// A run as its row tells it. What was asked for, which never changes, stands beside it: see
/// [`Runs::asked`](super::Runs::asked).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Whose.
    #[serde(with = "tenant")]
    pub tenant: TenantId,
    /// Which.
    #[serde(with = "run_id")]
    pub id: RunId,
    /// The automation that it was asked to run.
    pub automation: String,
    /// The digest of exactly that automation.
    pub digest: String,
    /// Who asked.
    pub by: Requester,
    /// A digest of everything that was asked, which tells a repeated request from another one.
    pub fingerprint: String,
    /// When it was asked for.
    #[serde(rename = "requested_ms", with = "ms")]
    pub requested_at: Timestamp,
    /// From when on no attempt begins any more.
    #[serde(rename = "deadline_ms", with = "ms")]
    pub deadline: Timestamp,
    /// How often it is attempted at most.
    pub max_attempts: u32,
    /// How many runs of its automation go on at a time in its tenant; zero is no limit.
    pub limit: usize,
    /// The `traceparent` of the request.
    pub traceparent: Option<String>,

    /// Where it stands.
    pub state: State,
    /// Why, in a stable word.
    pub code: Option<String>,
    /// The same for people, in the script's words. Redacted.
    pub message: Option<String>,
    /// How often it was claimed. A holder of an older fence has lost the run.
    pub fence: u32,
    /// How many attempts were begun.
    pub attempt: u32,
    /// Until when its holder holds it, unless it says that it lives.
    #[serde(rename = "lease_until_ms", with = "maybe_ms")]
    pub lease_until: Option<Timestamp>,
    /// From when on the next attempt may begin.
    #[serde(rename = "not_before_ms", with = "maybe_ms")]
    pub not_before: Option<Timestamp>,
    /// What a takeover of this attempt waits for: until then its script may still act.
    #[serde(rename = "recover_at_ms", with = "maybe_ms")]
    pub recover_at: Option<Timestamp>,
    /// When the credential that the latest attempt was given ends.
    #[serde(rename = "credential_ends_at_ms", with = "maybe_ms")]
    pub credential_ends_at: Option<Timestamp>,
    /// Whether a person wants it to end.
    pub cancel_requested: bool,
    /// When a message about it was last known to be sent.
    #[serde(rename = "sent_ms", with = "maybe_ms")]
    pub sent_at: Option<Timestamp>,
    /// When it was first claimed.
    #[serde(rename = "started_ms", with = "maybe_ms")]
    pub started_at: Option<Timestamp>,
    /// Since when a person's decision is awaited.
    #[serde(rename = "paused_ms", with = "maybe_ms")]
    pub paused_at: Option<Timestamp>,
    /// When it ended.
    #[serde(rename = "ended_ms", with = "maybe_ms")]
    pub ended_at: Option<Timestamp>,
    /// The isolation that the latest attempt got.
    pub sandbox: Option<SandboxReport>,

    /// How many steps there are.
    pub steps: u32,
    /// Steps of class D that were begun, and of which nobody knows how they ended.
    pub unproven: Vec<Unproven>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// The files that it left.
    pub artifacts: Vec<Artifact>,
    /// Where its result lies.
    pub result: Option<ResultPlace>,
    /// How much it has written.
    pub written: Written,
    /// The number of the latest event.
    pub seq: u32,
    /// Where its audit chain stands.
    pub audit: ChainHead,
}

/// Who asked for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The person's or the schedule's id.
    pub subject: String,
    /// What people call them.
    pub name: Option<String>,
}

/// What the subject of a schedule begins with. A person's is a digest, and never does.
const SCHEDULE: &str = "schedule:";

impl Requester {
    /// The schedule of this name in the run's tenant.
    #[must_use]
    pub fn of_schedule(name: &str) -> Self {
        Self { subject: format!("{SCHEDULE}{name}"), name: Some(name.to_owned()) }
    }

    /// The schedule's name, where no person asked.
    #[must_use]
    pub fn schedule(&self) -> Option<&str> {
        self.subject.strip_prefix(SCHEDULE)
    }
}

/// A step without a known end that cannot be repeated: of class D, or one whose script could not find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unproven {
    /// Its key.
    pub key: String,
    /// What people read.
    pub title: String,
    /// Its class.
    pub class: EffectClass,
}

impl Unproven {
    pub(super) fn of(step: &StepRecord) -> Self {
        Self { key: step.key.clone(), title: step.title.clone(), class: step.class }
    }
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many are done.
    pub done: u64,
    /// Of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Of what.
    pub text: String,
}

/// A file that a run left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// Its media type, as the script says.
    pub media_type: String,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of it in hex.
    pub sha256: String,
    /// Under which fence it was made, which is part of its object's name.
    pub fence: u32,
}

/// Where a result lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultPlace {
    /// How long it is as JSON.
    pub bytes: u64,
    /// Under which fence it was made.
    pub fence: u32,
    /// Whether it is an object. Otherwise it lies beside the row.
    pub is_object: bool,
}

/// How much a run has written to its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// In bytes.
    pub bytes: u64,
    /// In lines.
    pub lines: u64,
    /// Whether more was not kept.
    pub cut: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored<T> {
    v: u8,
    #[serde(flatten)]
    run: T,
}

impl Run {
    /// When a run that waits by itself goes on.
    #[must_use]
    pub const fn continues_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Queued => self.not_before,
            State::Recovering => self.recover_at,
            _ => None,
        }
    }

    /// The id of its W3C trace: 32 hex digits of the `traceparent`.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        let id = self.traceparent.as_deref()?.split('-').nth(1)?;
        (id.len() == 32).then_some(id)
    }

    /// The span of the latest attempt: it lies below the request's, and the script's own lie below it.
    #[must_use]
    pub fn attempt_trace(&self) -> Option<TraceContext> {
        let request = TraceContext::parse(self.traceparent.as_deref()?)?;
        Some(request.below("attempt", self.fence))
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        encode("run", &Stored { v: FORM, run: self })
    }

    pub(super) fn decode(record: &Record) -> Result<Self, StoreError> {
        let stored: Stored<Self> = decode("run", record)?;
        if stored.v == FORM {
            Ok(stored.run)
        } else {
            Err(StoreError::unreadable("run", "another form than this version's"))
        }
    }
}
