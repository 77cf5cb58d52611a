//! What every adapter of `Queue` owes, seen from the worker's end.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures::future::join_all;
use gatelet_core::automation::{Queue, RunId, RunMessage};
use gatelet_core::random::draw;
use gatelet_core::tenant::TenantId;

use crate::random::SeededRandom;

/// The worker's end of a queue.
#[async_trait]
pub trait Receiver: Send + Sync {
    /// Takes the next message off the queue and gives its text, decoded as the platform does for a worker.
    /// Waits a bounded time; `None` when nothing came.
    async fn receive(&self) -> Option<String>;
}

const MESSAGES: usize = 30;
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Every message arrives, exactly as it was sent, and says no more than it must. Messages of other senders
/// on the same queue are taken off and passed over.
pub async fn queue_contract(queue: &dyn Queue, receiver: &dyn Receiver) {
    let random = SeededRandom::unseeded();
    let tenant =
        TenantId::new(format!("contract-{:016x}", u64::from_be_bytes(draw(&random)))).unwrap();
    let sent: Vec<RunMessage> = (0..MESSAGES).map(|number| message(&tenant, number)).collect();
    for outcome in join_all(sent.iter().map(|message| queue.send(message))).await {
        outcome.unwrap();
    }

    let mut missing: BTreeSet<String> = sent.iter().map(RunMessage::to_json).collect();
    while !missing.is_empty() {
        let Some(text) = receiver.receive().await else {
            panic!("{} of {MESSAGES} messages did not arrive", missing.len());
        };
        let message = RunMessage::from_json(&text).unwrap();
        if message.tenant == tenant {
            assert!(sent.contains(&message), "never sent: {text}");
            says_no_more_than_it_must(&text, &message);
            missing.remove(&message.to_json());
        }
    }
}

fn message(tenant: &TenantId, number: usize) -> RunMessage {
    let run = RunId::new(format!("{number:032x}")).unwrap();
    let traceparent = number.is_multiple_of(2).then(|| TRACEPARENT.to_owned());
    RunMessage { tenant: tenant.clone(), run, traceparent }
}

fn says_no_more_than_it_must(text: &str, message: &RunMessage) {
    let wire: serde_json::Value = serde_json::from_str(text).unwrap();
    let members: BTreeSet<&str> = wire.as_object().unwrap().keys().map(String::as_str).collect();
    let mut allowed = BTreeSet::from(["v", "tenant", "run"]);
    if message.traceparent.is_some() {
        allowed.insert("traceparent");
    }
    assert_eq!(members, allowed);
}
