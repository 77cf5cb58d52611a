//! Runs over HTTP: asking once, watching, fetching, and nobody else's.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;
mod leaving;
mod others;
mod refused;
mod schedules;
mod traces;

use gatelet_played::Gateway;
use gatelet_played::Who;

async fn gateway() -> Gateway {
    Gateway::new(all::routes).await
}

/// Carries out what was sent to the worker.
async fn carry_out(gateway: &Gateway) {
    for message in gateway.store.queue.take() {
        let _ = work_automation::on_message(&gateway.parts, message).await;
    }
}

/// A run that was carried out, and the cookie of the admin who asked for it.
async fn carried_out(gateway: &Gateway) -> (String, String) {
    let cookie = gateway.sign_in(Who::AMY).await;
    let id = gateway.start(&cookie, "one").await;
    carry_out(gateway).await;
    (cookie, id)
}
