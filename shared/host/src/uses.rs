//! What a function declares to use besides records and secrets. Its settings are demanded at start, and what
//! was not declared stays out of reach.

use async_trait::async_trait;
use bytes::Bytes;
#[cfg(feature = "aws")]
use gatelet_core::automation::catalog::Catalog;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Created, ObjectName, Objects};
use gatelet_core::outage::Outage;
use gatelet_core::registry::{Document, RegistrySource};

/// A part that only some functions need.
#[cfg(feature = "aws")]
#[derive(Clone, Copy, Debug)]
pub enum Use {
    /// Sends to the queue.
    Queue,
    /// Keeps objects.
    Objects,
    /// Reads the registry.
    Registry,
    /// Runs scripts, in the function that `GATELET_RUNNER` names.
    Runner,
    /// Has this catalog. Only the executables that name one have it linked.
    Catalog(fn() -> Catalog),
}

/// Stands where a part was not declared.
pub(crate) struct Undeclared;

impl Undeclared {
    fn refuse<T>() -> Result<T, Outage> {
        Err(Outage::harmless(
            "use a part of the host",
            "this function did not declare that it uses it",
        ))
    }
}

#[async_trait]
impl Queue for Undeclared {
    async fn send(&self, _: &RunMessage) -> Result<(), Outage> {
        Self::refuse()
    }
}

#[async_trait]
impl Objects for Undeclared {
    async fn create(&self, _: &ObjectName, _: Bytes) -> Result<Created, Outage> {
        Self::refuse()
    }

    async fn read(&self, _: &ObjectName, _: u64, _: u64) -> Result<Option<Bytes>, Outage> {
        Self::refuse()
    }

    async fn upload_address(&self, _: &ObjectName, _: Timestamp) -> Result<Address, Outage> {
        Self::refuse()
    }

    async fn download_address(&self, _: &ObjectName, _: Timestamp) -> Result<Address, Outage> {
        Self::refuse()
    }

    async fn purge(&self, _: Timestamp, _: usize) -> Result<usize, Outage> {
        Self::refuse()
    }
}

#[async_trait]
impl RegistrySource for Undeclared {
    async fn read(&self, _: Option<&str>) -> Result<Option<Document>, Outage> {
        Self::refuse()
    }
}
