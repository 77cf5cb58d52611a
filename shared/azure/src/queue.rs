//! The queue to the worker, in a Storage queue. The Functions host expects base64 unless told otherwise.

use async_trait::async_trait;
use azure_storage_queue::models::QueueMessage;
use azure_storage_queue::{QueueClient, QueueClientOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::outage::Outage;
use url::Url;

use crate::access::Access;
use crate::failure;

/// One queue of an Azure storage account.
pub struct StorageQueue {
    client: QueueClient,
}

impl StorageQueue {
    /// Sends to the queue at this address: the queue service's, followed by the queue's name. Fails for an
    /// address that no token may travel to.
    pub fn new(access: &Access, queue: Url) -> Result<Self, azure_core::Error> {
        let options = QueueClientOptions {
            client_options: access.writing(),
            ..QueueClientOptions::default()
        };
        Ok(Self { client: QueueClient::new(queue, Some(access.credential()), Some(options))? })
    }
}

#[async_trait]
impl Queue for StorageQueue {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        const DOING: &str = "send a message";
        let text = STANDARD.encode(message.to_json());
        let message = QueueMessage { message_text: Some(text) };
        let content = message
            .try_into()
            .map_err(|error: azure_core::Error| Outage::harmless(DOING, error))?;
        self.client.send_message(content, None).await.map_err(failure::write(DOING))?;
        Ok(())
    }
}
