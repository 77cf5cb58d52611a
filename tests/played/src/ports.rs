//! The ports under the weather.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Created, ObjectName, Objects};
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Table,
};
use gatelet_core::registry::{Document, RegistrySource};
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};
use gatelet_core::token::{KeyHandle, RsaPublicKey, Sha256Digest, Signer};
use gatelet_core::web::{Web, WebAnswer, WebRequest};

use crate::weather::{Loss, Port, Weather};

/// A port under the weather.
pub(crate) struct Outside<T: ?Sized> {
    pub(crate) weather: Arc<Weather>,
    pub(crate) inside: Arc<T>,
}

impl<T: ?Sized> Outside<T> {
    pub(crate) fn new(weather: &Arc<Weather>, inside: Arc<T>) -> Self {
        Self { weather: Arc::clone(weather), inside }
    }

    fn read(&self, port: Port) -> Result<&T, Outage> {
        match self.weather.meets(port) {
            None => Ok(&self.inside),
            Some(_) => Err(Loss::of_read()),
        }
    }

    /// Whether a change goes on, and what its caller is told instead of its outcome.
    fn change(&self, port: Port) -> Result<(&T, Option<Outage>), Outage> {
        match self.weather.meets(port) {
            None => Ok((&self.inside, None)),
            Some(loss @ Loss::AnswerLost) => Ok((&self.inside, Some(loss.of_change()))),
            Some(loss) => Err(loss.of_change()),
        }
    }
}

fn told<T>(outcome: T, lost: Option<Outage>) -> Result<T, Outage> {
    lost.map_or(Ok(outcome), Err)
}

fn port_of(at: &Partition) -> Port {
    match at.table() {
        Table::Identity => Port::Records,
        Table::Runs => Port::Runs,
        Table::Audit => Port::Trail,
    }
}

#[async_trait]
impl<R: Records + ?Sized> Records for Outside<R> {
    async fn get(
        &self,
        at: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.read(port_of(at))?.get(at, key, now).await
    }

    async fn list(&self, at: &Partition, range: &Range, now: Timestamp) -> Result<Page, Outage> {
        self.read(port_of(at))?.list(at, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        let (records, lost) = self.change(port_of(commit.partition()))?;
        told(records.commit(commit, now).await?, lost)
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let (records, lost) = self.change(Port::Records)?;
        told(records.purge(before, budget).await?, lost)
    }
}

#[async_trait]
impl<S: Secrets + ?Sized> Secrets for Outside<S> {
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage> {
        self.read(Port::Secrets)?.current(name).await
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage> {
        self.read(Port::Secrets)?.version(name, version).await
    }

    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        let (secrets, lost) = self.change(Port::Secrets)?;
        told(secrets.put(name, value).await?, lost)
    }

    async fn disable(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Disabled, Outage> {
        let (secrets, lost) = self.change(Port::Secrets)?;
        told(secrets.disable(name, version).await?, lost)
    }

    async fn facts(&self, name: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        self.read(Port::Secrets)?.facts(name).await
    }
}

#[async_trait]
impl<S: Signer + ?Sized> Signer for Outside<S> {
    async fn sign(
        &self,
        key: &KeyHandle,
        digest: &Sha256Digest,
    ) -> Result<Option<Vec<u8>>, Outage> {
        self.read(Port::Signer)?.sign(key, digest).await
    }

    async fn public_key(&self, key: &KeyHandle) -> Result<Option<RsaPublicKey>, Outage> {
        self.read(Port::Signer)?.public_key(key).await
    }
}

#[async_trait]
impl<S: RegistrySource + ?Sized> RegistrySource for Outside<S> {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        Outside::read(self, Port::Registry)?.read(known).await
    }
}

#[async_trait]
impl<W: Web + ?Sized> Web for Outside<W> {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        let (web, lost) = self.change(Port::Provider)?;
        told(web.send(request).await?, lost)
    }
}

#[async_trait]
impl<O: Objects + ?Sized> Objects for Outside<O> {
    async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Outage> {
        let (objects, lost) = self.change(Port::Files)?;
        told(objects.create(name, bytes).await?, lost)
    }

    async fn read(
        &self,
        name: &ObjectName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Bytes>, Outage> {
        Outside::read(self, Port::Files)?.read(name, offset, limit).await
    }

    async fn upload_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        Outside::read(self, Port::Files)?.upload_address(name, now).await
    }

    async fn download_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        Outside::read(self, Port::Files)?.download_address(name, now).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<usize, Outage> {
        let (objects, lost) = self.change(Port::Files)?;
        told(objects.purge(before, budget).await?, lost)
    }
}
