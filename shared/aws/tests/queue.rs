//! The contract of `Queue`, against an emulator of SQS.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod emulator;

use async_trait::async_trait;
use gatelet_aws::SqsQueue;
use gatelet_contracts::queue::{Receiver, queue_contract};
use gatelet_contracts::unique;

/// Receives as Lambda's poller does: the body is the message.
struct Poller {
    client: aws_sdk_sqs::Client,
    url: String,
}

#[async_trait]
impl Receiver for Poller {
    async fn receive(&self) -> Option<String> {
        let call = self.client.receive_message().queue_url(&self.url).max_number_of_messages(1);
        let answer = call.wait_time_seconds(5).send().await.unwrap();
        let message = answer.messages?.pop()?;
        let call = self.client.delete_message().queue_url(&self.url);
        call.receipt_handle(message.receipt_handle?).send().await.unwrap();
        message.body
    }
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_delivers() {
    let endpoint = emulator::address(emulator::MINISTACK);
    let client = aws_sdk_sqs::Client::new(&emulator::setup(&endpoint));
    let made = client.create_queue().queue_name(format!("contract-{}", unique())).send().await;
    let url = made.unwrap().queue_url.unwrap();
    let queue = SqsQueue::new(emulator::account(endpoint), url.as_str());
    queue_contract(&queue, &Poller { client, url }).await;
}
