//! A run's identity.

use std::fmt;

use crate::digest::digest_of;
use crate::tenant::TenantId;

/// A run's id: 128 bits in 32 lower-case hex digits. It is derived from who asked for what under which
/// idempotency key, so that the same request finds the same run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// A text that is no run's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run id is 32 digits of 0-9 a-f")]
pub struct BadRunId;

impl RunId {
    /// Checks and takes an id.
    pub fn new(text: impl Into<String>) -> Result<Self, BadRunId> {
        let text = text.into();
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if digits && text.len() == 32 { Ok(Self(text)) } else { Err(BadRunId) }
    }

    /// The id of the run that this principal asks for on this route under this key.
    #[must_use]
    pub fn derive(tenant: &TenantId, principal: &str, route: &str, key: &str) -> Self {
        let digest = digest_of(&[tenant.as_str(), principal, route, key]);
        let (half, _) = digest.split_at(16);
        Self(hex::encode(half))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
