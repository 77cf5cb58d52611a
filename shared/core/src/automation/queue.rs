//! The queue between accepting a run and carrying it out, and the one message that travels on it.

use async_trait::async_trait;
use serde::Deserialize;

use super::run::RunId;
use crate::outage::Outage;
use crate::tenant::TenantId;

/// Sends messages to the worker, at least once. A queue makes no promise of order.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Hands a message over. An unknown effect is harmless: the worker claims a run only once.
    async fn send(&self, message: &RunMessage) -> Result<(), Outage>;
}

/// Says that a run waits to be carried out. It names the run and nothing more: what to do, with which inputs
/// and which credential, the worker reads for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMessage {
    /// Whose run.
    pub tenant: TenantId,
    /// Which run.
    pub run: RunId,
    /// The W3C `traceparent` of the request that asked for the run.
    pub traceparent: Option<String>,
}

/// A message that no version of this project has sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a run message: {0}")]
pub struct BadMessage(&'static str);

/// The message as it travels. Readers ignore members they do not know, so that a newer sender may add some.
#[derive(Deserialize)]
struct Wire {
    v: u8,
    tenant: String,
    run: String,
    #[serde(default)]
    traceparent: Option<String>,
}

impl RunMessage {
    /// The message as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = serde_json::Map::new();
        members.insert("v".into(), 1.into());
        members.insert("tenant".into(), self.tenant.as_str().into());
        members.insert("run".into(), self.run.as_str().into());
        if let Some(traceparent) = &self.traceparent {
            members.insert("traceparent".into(), traceparent.as_str().into());
        }
        serde_json::Value::Object(members).to_string()
    }

    /// Reads a message from JSON text.
    pub fn from_json(text: &str) -> Result<Self, BadMessage> {
        let wire: Wire = serde_json::from_str(text).map_err(|_| BadMessage("no such JSON"))?;
        if wire.v != 1 {
            return Err(BadMessage("unknown version"));
        }
        Ok(Self {
            tenant: TenantId::new(wire.tenant).map_err(|_| BadMessage("bad tenant"))?,
            run: RunId::new(wire.run).map_err(|_| BadMessage("bad run id"))?,
            traceparent: wire.traceparent,
        })
    }
}
