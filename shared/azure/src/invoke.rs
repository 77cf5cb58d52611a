//! The runner, invoked over HTTPS as a function app of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{Context, Method, Pipeline, PipelineSendOptions, Request, Url};
use gatelet_core::automation::channel::{Invoke, Invoked};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;

use crate::access::{Access, BadCertificate, ManagedIdentity, Timeouts, http_client};
use crate::failure::{self, Refusal};

const DOING: &str = "invoke the runner";
/// The platform cuts an answer off that takes longer than 230 seconds. The function goes on, and tells its end through
/// the attempt channel.
const PATIENCE: Duration = Duration::from_mins(4);

/// Posts to one function, with a token that was issued for it. A request is sent once.
pub struct FunctionInvoke {
    pipeline: Pipeline,
    address: Url,
}

impl FunctionInvoke {
    /// The function at this address, for which tokens of this scope are issued, in the name of the managed identity.
    pub fn new(
        address: Url,
        scope: &str,
        identity: Option<String>,
    ) -> Result<Self, BadCertificate> {
        let patience = Timeouts { read: PATIENCE, total: PATIENCE, ..Timeouts::default() };
        let http = Arc::new(http_client(patience, None)?);
        let identity = ManagedIdentity::new(http.clone(), identity);
        Ok(Self::with_access(&Access::new(http, Arc::new(identity)), address, scope))
    }

    /// The same by a client and in the name of an identity that the caller chose. The client must wait for as long as
    /// a script may take.
    #[must_use]
    pub fn with_access(access: &Access, address: Url, scope: &str) -> Self {
        Self { pipeline: access.pipeline(scope, access.writing()), address }
    }
}

#[async_trait]
impl Invoke for FunctionInvoke {
    async fn invoke(&self, payload: SecretBytes, _: Duration) -> Result<Invoked, Outage> {
        let mut request = Request::new(self.address.clone(), Method::Post);
        request.insert_header("content-type", "application/json");
        request.set_body(payload.expose().to_vec());
        let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        let sent = self.pipeline.send(&Context::new(), &mut request, Some(options)).await;
        let answer = sent.map_err(failure::write(DOING))?;
        if answer.status().is_success() {
            return Ok(Invoked::Answered(answer.body().to_vec()));
        }
        let effect = failure::effect_of_status(answer.status());
        let cause = Refusal { status: u16::from(answer.status()), code: String::new() };
        Err(Outage { doing: DOING, effect, cause: cause.into() })
    }
}
