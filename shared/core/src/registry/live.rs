//! The registry as a process knows it: read at its first use, asked for again once a minute, and kept while it
//! cannot be had or read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::Registry;
use crate::clock::Timestamp;
use crate::outage::{Chain, Outage};

/// How old the copy of a process may become before it asks for a newer one.
const FRESH: Duration = Duration::from_mins(1);

/// Where the registry lies: a file, or an object in the cloud's store.
#[async_trait]
pub trait RegistrySource: Send + Sync {
    /// Reads the document; `None` when it still has this tag.
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage>;
}

/// A registry as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its text.
    pub text: String,
    /// What the store calls this version of it, such as an `ETag`.
    pub tag: String,
}

/// The registry, as new as a minute.
pub struct LiveRegistry {
    source: Arc<dyn RegistrySource>,
    base_url: Url,
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone)]
struct Kept {
    registry: Arc<Registry>,
    tag: String,
    asked_at: Timestamp,
}

impl LiveRegistry {
    /// Over a source, for the deployment with this address.
    #[must_use]
    pub fn new(source: Arc<dyn RegistrySource>, base_url: Url) -> Self {
        Self { source, base_url, kept: Mutex::new(None) }
    }

    /// The registry. A source that is away, or whose document is unsound, leaves the last good one in force and
    /// is told to the log; without a last good one it is an outage.
    pub async fn current(&self, now: Timestamp) -> Result<Arc<Registry>, Outage> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = |kept: &Kept| kept.asked_at.is_within(FRESH, now);
        if let Some(kept) = kept.as_ref().filter(|kept| fresh(kept)) {
            return Ok(Arc::clone(&kept.registry));
        }
        // Noted before it is asked, so that requests at the same moment go on with the one that is kept.
        if let Some(kept) = &kept {
            self.keep(Kept { asked_at: now, ..kept.clone() });
        }
        match (self.ask(kept.as_ref(), now).await, kept) {
            (Ok(registry), _) => Ok(registry),
            (Err(outage), None) => Err(outage),
            (Err(outage), Some(kept)) => {
                tracing::error!(error = %Chain(&outage), "the last good registry stays in force");
                Ok(kept.registry)
            }
        }
    }

    async fn ask(&self, kept: Option<&Kept>, now: Timestamp) -> Result<Arc<Registry>, Outage> {
        let read = self.source.read(kept.map(|kept| kept.tag.as_str())).await?;
        let (registry, tag) = match (read, kept) {
            (Some(Document { text, tag }), _) => {
                let registry = Registry::read(&text, &self.base_url)
                    .map_err(|mistakes| Outage::harmless("use the registry", mistakes))?;
                (Arc::new(registry), tag)
            }
            (None, Some(kept)) => (Arc::clone(&kept.registry), kept.tag.clone()),
            (None, None) => {
                return Err(Outage::harmless("read the registry", "there is no such document"));
            }
        };
        self.keep(Kept { registry: Arc::clone(&registry), tag, asked_at: now });
        Ok(registry)
    }

    fn keep(&self, kept: Kept) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }
}
