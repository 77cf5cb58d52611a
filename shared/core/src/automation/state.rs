//! What a run is, from its request to its end, and the stored form of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RunId;
use crate::audit::ChainHead;
use crate::clock::Timestamp;
use crate::records::{Record, StoreError, decode, encode};
use crate::tenant::TenantId;

/// How long a lease holds without a heartbeat.
pub const LEASE: Duration = Duration::from_mins(1);
/// How far clocks of two machines may differ before a lease counts as lost.
pub const SKEW: Duration = Duration::from_secs(5);

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker holds it.
    Leased {
        /// Until when, unless the worker says that it lives.
        until_ms: u64,
    },
    /// It did what it was asked to do.
    Succeeded,
    /// It ended otherwise.
    Failed {
        /// A stable code that says why.
        code: String,
    },
}

impl State {
    /// Whether nothing follows.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed { .. })
    }
}

/// A run as its row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: RunId,
    /// What it was asked to run.
    pub automation: String,
    /// A digest of everything that was asked, which tells a repeated request from another one.
    pub fingerprint: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// How often it was claimed. A holder of an older fence has lost the run.
    pub fence: u32,
    /// When a message about it was last known to be sent.
    pub sent_at: Option<Timestamp>,
    /// The `traceparent` of the request.
    pub traceparent: Option<String>,
    /// Where its audit chain stands.
    pub audit: ChainHead,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    tenant: String,
    run: String,
    automation: String,
    fingerprint: String,
    requested_ms: u64,
    #[serde(flatten)]
    state: State,
    fence: u32,
    sent_ms: Option<u64>,
    traceparent: Option<String>,
    audit_length: u32,
    audit_head: String,
}

impl Run {
    pub(super) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        let run = self.clone();
        let stored = Stored {
            v: 1,
            tenant: run.tenant.as_str().into(),
            run: run.id.as_str().into(),
            automation: run.automation,
            fingerprint: run.fingerprint,
            requested_ms: run.requested_at.millis(),
            state: run.state,
            fence: run.fence,
            sent_ms: run.sent_at.map(Timestamp::millis),
            traceparent: run.traceparent,
            audit_length: run.audit.length,
            audit_head: run.audit.hash,
        };
        encode("run", &stored)
    }

    pub(super) fn decode(record: &Record) -> Result<Self, StoreError> {
        let stored: Stored = decode("run", record)?;
        let bad_id = |error| StoreError::unreadable("run", error);
        Ok(Self {
            tenant: TenantId::new(stored.tenant)
                .map_err(|error| StoreError::unreadable("run", error))?,
            id: RunId::new(stored.run).map_err(bad_id)?,
            automation: stored.automation,
            fingerprint: stored.fingerprint,
            requested_at: Timestamp::from_millis(stored.requested_ms),
            state: stored.state,
            fence: stored.fence,
            sent_at: stored.sent_ms.map(Timestamp::from_millis),
            traceparent: stored.traceparent,
            audit: ChainHead { length: stored.audit_length, hash: stored.audit_head },
        })
    }
}
