//! What strangers send to an attempt's mailbox, and what a runner that was taken over sends with the right key.

use std::sync::LazyLock;

use gatelet_played::{Ask, Gateway};
use serde_json::Value;

use crate::requests::runtime;

/// A gateway with one open mailbox, whose run is held by nobody, and an honest pulse to it.
static OPEN: LazyLock<(Gateway, Ask)> = LazyLock::new(|| {
    runtime().block_on(async {
        let gateway = Gateway::new(all::routes).await;
        let pulse = gateway.runner_pulse().await;
        (gateway, pulse)
    })
});

/// A letter with the right key, and the bytes as the key of an honest pulse.
pub fn letter(bytes: &[u8]) {
    let (gateway, pulse) = &*OPEN;
    let mut ask = pulse.clone();
    ask.body = bytes.to_vec();
    let answer = runtime().block_on(gateway.send(&ask));
    // Nobody holds the run, so nothing is taken and nothing may begin.
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let is_stop = said.get("a").and_then(Value::as_str) == Some("stop");
    assert!(answer.status == 400 || is_stop, "{answer:?}");

    let mut ask = pulse.clone();
    ask.headers.retain(|(name, _)| name != "authorization");
    let ask = ask.header("authorization", [b"Attempt ", bytes].concat());
    let refused = runtime().block_on(gateway.try_send(&ask));
    assert!(refused.is_none_or(|answer| answer.status == 401), "a stranger was let in");
}
