//! Blocking work on a thread of its own, so that a disk never holds up the runtime.

use gatelet_core::outage::Outage;
use tokio::task::spawn_blocking;

/// Runs blocking work to its end, even when nobody waits for it any more.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, Outage> + Send + 'static,
) -> Result<T, Outage> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(broken_off) => Err(Outage::uncertain(doing, broken_off)),
    }
}
