//! A queue in memory.

use std::sync::Mutex;

use async_trait::async_trait;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::outage::Outage;

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
