//! An attempt's mailbox that is open while nobody listens.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::channel::oneshot::{Sender, channel};
use futures::future::{Either, pending, select};
use gatelet_core::automation::attempt::{Answer, Message, Pace};
use gatelet_core::automation::channel::{Desk, Invoke, Invoked, RemoteRunner};
use gatelet_core::automation::{Attempt, Job, RunId, Runner as _};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_core::tenant::TenantId;
use serde_json::Value;

use crate::{Ask, Gateway};

impl Gateway {
    /// Opens the mailbox of an attempt whose run nobody holds, and returns a pulse of its runner, with the key.
    pub async fn runner_pulse(&self) -> Ask {
        let (send, payload) = channel();
        let invoke = Silent(Mutex::new(Some(send)));
        let parts = &self.parts;
        let desk = Desk {
            records: parts.records.clone(),
            clock: parts.clock.clone(),
            random: parts.random.clone(),
            pace: Arc::new(Never),
        };
        let runner = RemoteRunner::new(invoke, desk, parts.base_url.clone());
        let job = Job {
            tenant: TenantId::new("acme").unwrap(),
            run: RunId::new("0".repeat(32)).unwrap(),
            fence: 1,
            automation: parts.automations.catalog.get("review").unwrap().clone(),
            start: SecretBytes::new(b"{}".to_vec()),
            timeout: Duration::from_mins(1),
        };
        let Either::Right((payload, _)) = select(runner.run(job, &Never), payload).await else {
            panic!("it waits for its invocation")
        };
        let payload: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
        let text = |name: &str| payload[name].as_str().unwrap().to_owned();
        let mut ask = Ask::bare("POST", text("url").replace("https://gate.example", ""))
            .header("content-type", "application/json")
            .header("authorization", format!("Attempt {}", text("key")));
        ask.body = br#"{"pulse":true}"#.to_vec();
        ask
    }
}

/// Takes an invocation, and never answers it.
struct Silent(Mutex<Option<Sender<Vec<u8>>>>);

#[async_trait]
impl Invoke for Silent {
    async fn invoke(&self, payload: SecretBytes, _: Duration) -> Result<Invoked, Outage> {
        let send = self.0.lock().unwrap().take().unwrap();
        send.send(payload.expose().to_vec()).unwrap();
        pending().await
    }
}

struct Never;

#[async_trait]
impl Pace for Never {
    async fn pause(&self) {
        pending::<()>().await;
    }
}

#[async_trait]
impl Attempt for Never {
    async fn hear(&self, _: Message) -> Answer {
        pending().await
    }

    async fn output(&self, _: Vec<String>) {}

    async fn stopped(&self) -> &'static str {
        pending().await
    }
}
