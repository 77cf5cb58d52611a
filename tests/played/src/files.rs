//! Files and a queue in memory.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Created, ObjectName, Objects};
use gatelet_core::outage::Outage;
use url::Url;

/// Objects in memory.
#[derive(Default)]
pub struct MemoryObjects(Mutex<BTreeMap<String, Bytes>>);

impl MemoryObjects {
    /// The names of all of them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    /// Puts one as whoever has an upload address does.
    pub fn put(&self, name: &str, content: &[u8]) {
        self.0.lock().unwrap().insert(name.to_owned(), Bytes::copy_from_slice(content));
    }

    fn address(name: &ObjectName) -> Address {
        Address::new(Url::parse(&format!("https://files.example/{name}")).unwrap(), Vec::new())
    }
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Outage> {
        let mut objects = self.0.lock().unwrap();
        if objects.contains_key(&name.to_string()) {
            return Ok(Created::AlreadyThere);
        }
        objects.insert(name.to_string(), bytes);
        Ok(Created::Yes)
    }

    async fn read(
        &self,
        name: &ObjectName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Bytes>, Outage> {
        let found = self.0.lock().unwrap().get(&name.to_string()).cloned();
        let part = |bytes: Bytes| {
            let from = usize::try_from(offset).unwrap().min(bytes.len());
            let to = usize::try_from(offset + limit).unwrap().min(bytes.len());
            bytes.slice(from..to)
        };
        Ok(found.map(part))
    }

    async fn upload_address(&self, name: &ObjectName, _: Timestamp) -> Result<Address, Outage> {
        Ok(Self::address(name))
    }

    async fn download_address(&self, name: &ObjectName, _: Timestamp) -> Result<Address, Outage> {
        Ok(Self::address(name))
    }

    async fn purge(&self, _: Timestamp, _: usize) -> Result<usize, Outage> {
        Ok(0)
    }
}

/// A queue that keeps what was sent, until somebody takes it.
#[derive(Default)]
pub struct MemoryQueue(Mutex<Vec<RunMessage>>);

impl MemoryQueue {
    /// Takes all that was sent.
    #[must_use]
    pub fn take(&self) -> Vec<RunMessage> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}
