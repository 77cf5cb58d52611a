//! A dependency that is away: it answers every question with an outage.

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records,
};
use gatelet_core::registry::{Document, RegistrySource};
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};
use gatelet_core::token::{KeyHandle, RsaPublicKey, Sha256Digest, Signer};
use gatelet_core::web::{Web, WebAnswer, WebRequest};

/// Whatever it stands for is away.
pub(crate) struct Away;

fn away<T>() -> Result<T, Outage> {
    Err(Outage::harmless("reach a dependency", "a played outage"))
}

#[async_trait]
impl Records for Away {
    async fn get(&self, _: &Partition, _: &Name, _: Timestamp) -> Result<Option<Record>, Outage> {
        away()
    }

    async fn list(&self, _: &Partition, _: &Range, _: Timestamp) -> Result<Page, Outage> {
        away()
    }

    async fn commit(&self, _: &Commit, _: Timestamp) -> Result<Outcome, Outage> {
        away()
    }

    async fn purge(&self, _: Timestamp, _: usize) -> Result<Purged, Outage> {
        away()
    }
}

#[async_trait]
impl Secrets for Away {
    async fn current(&self, _: &SecretName) -> Result<Option<Secret>, Outage> {
        away()
    }

    async fn version(&self, _: &SecretName, _: &SecretVersion) -> Result<Option<Secret>, Outage> {
        away()
    }

    async fn put(&self, _: &SecretName, _: &SecretBytes) -> Result<SecretVersion, Outage> {
        away()
    }

    async fn disable(&self, _: &SecretName, _: &SecretVersion) -> Result<Disabled, Outage> {
        away()
    }

    async fn facts(&self, _: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        away()
    }
}

#[async_trait]
impl Signer for Away {
    async fn sign(&self, _: &KeyHandle, _: &Sha256Digest) -> Result<Option<Vec<u8>>, Outage> {
        away()
    }

    async fn public_key(&self, _: &KeyHandle) -> Result<Option<RsaPublicKey>, Outage> {
        away()
    }
}

#[async_trait]
impl RegistrySource for Away {
    async fn read(&self, _: Option<&str>) -> Result<Option<Document>, Outage> {
        away()
    }
}

#[async_trait]
impl Web for Away {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        away()
    }
}
