//! Storage queues.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use azure_core::http::{ClientOptions, Transport};
use azure_storage_queue::models::QueueClientReceiveMessagesOptions;
use azure_storage_queue::{QueueClient, QueueClientOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatelet_azure::StorageQueue;
use gatelet_contracts::queue::{Receiver, queue_contract};
use gatelet_contracts::unique;
use url::Url;

use crate::place::{Somebody, client, service, set_up, storage};

/// Takes messages off as the Functions host does, which decodes base64.
struct Host(QueueClient);

#[async_trait]
impl Receiver for Host {
    async fn receive(&self) -> Option<String> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            let options = QueueClientReceiveMessagesOptions {
                number_of_messages: Some(1),
                ..QueueClientReceiveMessagesOptions::default()
            };
            let received = self.0.receive_messages(Some(options)).await.unwrap();
            let messages = received.into_model().unwrap().items.unwrap_or_default();
            let Some(message) = messages.into_iter().next() else { continue };
            let (id, receipt) = (message.message_id.unwrap(), message.pop_receipt.unwrap());
            self.0.delete_message(&id, &receipt, None).await.unwrap();
            let bytes = STANDARD.decode(message.message_text.unwrap()).unwrap();
            return Some(String::from_utf8(bytes).unwrap());
        }
        None
    }
}

#[tokio::test]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn storage_queues_keep_the_contract_of_queues() {
    let queue = format!("{}/q{}", service("TEST_AZURITE_QUEUE_URL"), unique());
    let queue = Url::parse(&queue).unwrap();
    let http = client("TEST_AZURITE_CA");
    set_up(http.put(queue.clone())).await;
    let options = QueueClientOptions {
        client_options: ClientOptions {
            transport: Some(Transport::new(Arc::new(http))),
            ..ClientOptions::default()
        },
        ..QueueClientOptions::default()
    };
    let host = QueueClient::new(queue.clone(), Some(Arc::new(Somebody)), Some(options)).unwrap();
    let sender = StorageQueue::new(&storage(), queue).unwrap();
    queue_contract(&sender, &Host(host)).await;
}
