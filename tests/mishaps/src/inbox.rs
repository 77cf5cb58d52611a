//! The queue as its worker sees it: in memory, where what was handed out is gone, or the embedded one, where it comes back
//! unless it is deleted.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_local::{Delivery, SqliteQueue};

/// How long a message is a worker's.
const LEASE: Duration = Duration::from_mins(5);

/// Where messages wait.
pub enum Inbox {
    /// In the memory of the test.
    InMemory(Mutex<VecDeque<RunMessage>>),
    /// In a file.
    Embedded(SqliteQueue),
}

/// A message in somebody's hands.
pub struct Handed {
    /// What it says.
    pub message: RunMessage,
    delivery: Option<Delivery>,
}

impl Inbox {
    /// Takes one, if one waits.
    pub async fn take(&self, now: Timestamp) -> Option<Handed> {
        match self {
            Self::InMemory(messages) => {
                let message = messages.lock().unwrap().pop_front()?;
                Some(Handed { message, delivery: None })
            }
            Self::Embedded(queue) => {
                let delivery = queue.receive(now, LEASE).await.unwrap()?;
                let message = RunMessage::from_json(&delivery.text).unwrap();
                Some(Handed { message, delivery: Some(delivery) })
            }
        }
    }

    /// Is done with one.
    pub async fn delete(&self, handed: &Handed) {
        if let (Self::Embedded(queue), Some(delivery)) = (self, &handed.delivery) {
            queue.delete(delivery).await.unwrap();
        }
    }
}

#[async_trait]
impl Queue for Inbox {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        match self {
            Self::InMemory(messages) => {
                messages.lock().unwrap().push_back(message.clone());
                Ok(())
            }
            Self::Embedded(queue) => queue.send(message).await,
        }
    }
}
