//! What strangers send to an attempt's mailbox, and what a runner that was taken over sends with the right key.

use std::sync::{Arc, LazyLock, Mutex};
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
use gatelet_played::{Ask, Gateway};
use serde_json::Value;

use crate::requests::runtime;

/// A gateway with one open mailbox, its path and its key. Its run is held by nobody.
static OPEN: LazyLock<(Gateway, String, String)> = LazyLock::new(|| runtime().block_on(open()));

/// A letter with the right key, and the bytes as the key of an honest one.
pub fn letter(bytes: &[u8]) {
    let (gateway, path, key) = &*OPEN;
    let mut ask = Ask::bare("POST", path).header("content-type", "application/json");
    ask.body = bytes.to_vec();
    let known = ask.clone().header("authorization", format!("Attempt {key}"));
    let answer = runtime().block_on(gateway.send(&known));
    // Nobody holds the run, so nothing is taken and nothing may begin.
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let is_stop = said.get("a").and_then(Value::as_str) == Some("stop");
    assert!(answer.status == 400 || is_stop, "{answer:?}");

    ask.body = br#"{"pulse":true}"#.to_vec();
    let ask = ask.header("authorization", [b"Attempt ", bytes].concat());
    let refused = runtime().block_on(gateway.try_send(&ask));
    assert!(refused.is_none_or(|answer| answer.status == 401), "a stranger was let in");
}

async fn open() -> (Gateway, String, String) {
    let gateway = Gateway::new(all::routes).await;
    let (send, payload) = channel();
    let invoke = Silent(Mutex::new(Some(send)));
    let parts = &gateway.parts;
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
        unreachable!("it waits for its invocation")
    };
    let payload: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap().to_owned();
    let path = text("url").replace("https://gate.example", "");
    (gateway, path, text("key"))
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
