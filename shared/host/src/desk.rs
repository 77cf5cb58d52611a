//! What a worker carries letters with to and from a runner that is a function of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::attempt::Pace;
use gatelet_core::automation::channel::Desk;
use gatelet_core::records::Records;

use crate::{SystemClock, SystemRandom};

/// How long until it is looked again whether a script has said something. Each look is a read of the store.
const GLANCE: Duration = Duration::from_millis(150);

struct Glances;

#[async_trait]
impl Pace for Glances {
    async fn pause(&self) {
        tokio::time::sleep(GLANCE).await;
    }
}

/// A desk over these records.
pub(crate) fn desk(records: Arc<dyn Records>) -> Desk {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    Desk { records, clock, random, pace: Arc::new(Glances) }
}
