//! The runner, invoked as a Lambda function of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use gatelet_core::automation::channel::{Invoke, Invoked};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;

use crate::account::{Account, timeouts};
use crate::fault::Fault;

const DOING: &str = "invoke the runner";

/// Invokes one function and waits for its answer. A call is sent once: a second one would be a second script.
pub struct LambdaInvoke {
    account: Arc<Account>,
    function: String,
}

impl LambdaInvoke {
    /// The function of this name or ARN.
    pub fn new(account: Arc<Account>, function: impl Into<String>) -> Self {
        Self { account, function: function.into() }
    }
}

#[async_trait]
impl Invoke for LambdaInvoke {
    async fn invoke(&self, payload: SecretBytes, timeout: Duration) -> Result<Invoked, Outage> {
        let call = self.account.lambda().invoke().function_name(&self.function);
        let patience = Builder::new()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(timeout, timeout));
        let answer = call
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(payload.expose()))
            .customize()
            .config_override(patience)
            .send()
            .await
            .map_err(|error| Fault::of(&error).into_outage(DOING))?;
        if let Some(kind) = answer.function_error() {
            return Ok(Invoked::Died(kind.to_owned()));
        }
        Ok(Invoked::Answered(answer.payload.map(Blob::into_inner).unwrap_or_default()))
    }
}
