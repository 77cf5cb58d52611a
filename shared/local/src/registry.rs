//! The registry of one machine: a file of the operator's, or a text that is fixed.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use gatelet_core::outage::Outage;
use gatelet_core::registry::{Document, RegistrySource};

use crate::work::blocking;

/// The longest registry that is read, in bytes.
const LONGEST: u64 = 4 * 1024 * 1024;

/// A registry in a file, whose tag is its digest.
pub struct FileRegistry(PathBuf);

/// A registry that does not change while the process runs.
pub struct FixedRegistry(Document);

impl FileRegistry {
    /// At this path, which is read when it is asked for.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl FixedRegistry {
    /// This text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(tagged(text))
    }
}

#[async_trait]
impl RegistrySource for FileRegistry {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let path = self.0.clone();
        let doing = "read the registry's file";
        let text =
            blocking(doing, move || whole(&path).map_err(|error| Outage::harmless(doing, error)))
                .await?;
        Ok(Some(tagged(text)).filter(|document| known != Some(&document.tag)))
    }
}

#[async_trait]
impl RegistrySource for FixedRegistry {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        Ok(Some(&self.0).filter(|document| known != Some(&document.tag)).cloned())
    }
}

fn whole(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LONGEST {
        return Err(std::io::Error::other("it is longer than 4 MiB"));
    }
    std::fs::read_to_string(path)
}

fn tagged(text: String) -> Document {
    let tag = hex::encode(digest(&SHA256, text.as_bytes()));
    Document { text, tag }
}
