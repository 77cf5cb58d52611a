//! What tests of runs need besides records: requests, objects in memory, and a pace that moves the clock.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_core::audit::Actor;
use gatelet_core::automation::attempt::Pace;
use gatelet_core::automation::catalog::OnBusy;
use gatelet_core::automation::{Requester, RunId, RunRequest};
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Created, ObjectName, Objects};
use gatelet_core::outage::Outage;
use gatelet_core::tenant::TenantId;
use url::Url;

use crate::ManualClock;

/// A request of Ada's for a run of `a` without inputs, with three attempts and a day.
#[must_use]
pub fn run_request(tenant: &TenantId, id: RunId, now: Timestamp) -> RunRequest {
    RunRequest {
        tenant: tenant.clone(),
        actor: Actor::Session("s".into()),
        by: Requester { subject: "ada".into(), name: None },
        id,
        automation: "a".into(),
        digest: "d".into(),
        inputs: serde_json::json!({}),
        connections: BTreeMap::new(),
        files: BTreeMap::new(),
        max_attempts: 3,
        deadline: now + Duration::from_hours(24),
        fingerprint: "f".into(),
        traceparent: None,
        on_busy: OnBusy::Queue,
        limit: 0,
    }
}

/// A pause is a second of the played clock.
pub struct PlayedPace<'a>(pub &'a ManualClock);

#[async_trait]
impl Pace for PlayedPace<'_> {
    async fn pause(&self) {
        self.0.advance(Duration::from_secs(1));
    }
}

/// Objects in memory. What their addresses lead to is nowhere.
#[derive(Default)]
pub struct MemoryObjects(Mutex<BTreeMap<String, Bytes>>);

impl MemoryObjects {
    /// The paths of all objects, in order.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    /// Puts one as whoever has an upload address does.
    pub fn put(&self, path: &str, content: &[u8]) {
        self.0.lock().unwrap().insert(path.to_owned(), Bytes::copy_from_slice(content));
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
        let objects = self.0.lock().unwrap();
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(objects.get(&name.to_string()).map(|bytes| {
            let begin = size(offset).min(bytes.len());
            bytes.slice(begin..begin.saturating_add(size(limit)).min(bytes.len()))
        }))
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
