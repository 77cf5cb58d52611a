//! The queue, kept by SQS.

use std::sync::Arc;

use async_trait::async_trait;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::outage::Outage;

use crate::account::Account;
use crate::fault::unwritten;

/// Sends to one queue.
pub struct SqsQueue {
    account: Arc<Account>,
    url: String,
}

impl SqsQueue {
    /// The queue at this URL, as SQS spells it.
    pub fn new(account: Arc<Account>, url: impl Into<String>) -> Self {
        Self { account, url: url.into() }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        let call = self.account.sqs().send_message().queue_url(&self.url);
        call.message_body(message.to_json())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| unwritten("send a run's message", &error))
    }
}
