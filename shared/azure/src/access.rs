//! How this process reaches Azure: one HTTP client and one identity, shared by every adapter.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, ExponentialRetryOptions, HttpClient, Pipeline, RetryOptions, Transport,
};
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};

/// The audience of tokens for blobs, queues and tables.
const STORAGE_SCOPE: &str = "https://storage.azure.com/.default";

/// How long a request may wait. Every one of them ends. The clocks of `read` and `total` start with the
/// request, so `connect` must be the shortest: only then is it certain that nothing was sent.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the next bytes of an answer.
    pub read: Duration,
    /// For the whole exchange.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(10),
            total: Duration::from_secs(30),
        }
    }
}

/// A certificate authority that cannot be read, or a machine without usable ones.
#[derive(Debug, thiserror::Error)]
#[error("could not set up TLS")]
pub struct BadCertificate(#[source] reqwest::Error);

/// The one HTTP client. It follows no redirects and decompresses nothing, which ranged reads rely on.
/// `authority` is trusted besides the machine's own authorities: PEM text, for emulators.
pub fn http_client(timeouts: Timeouts, authority: Option<&[u8]>) -> Result<Client, BadCertificate> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .timeout(timeouts.total);
    if let Some(pem) = authority {
        let certificates = Certificate::from_pem_bundle(pem).map_err(BadCertificate)?;
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(BadCertificate)
}

/// The HTTP client and the identity.
#[derive(Clone, Debug)]
pub struct Access {
    transport: Transport,
    credential: Arc<dyn TokenCredential>,
    checks_vault_domain: bool,
}

impl Access {
    /// Sends everything with this client, in the name of this identity.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>, credential: Arc<dyn TokenCredential>) -> Self {
        Self { transport: Transport::new(http), credential, checks_vault_domain: true }
    }

    /// For an emulator of Key Vault, whose address does not end as a vault's does. Anywhere else this would
    /// hand tokens to whoever asks for them.
    #[must_use]
    pub fn with_a_vault_of_any_domain(self) -> Self {
        Self { checks_vault_domain: false, ..self }
    }

    pub(crate) fn credential(&self) -> Arc<dyn TokenCredential> {
        self.credential.clone()
    }

    pub(crate) const fn checks_vault_domain(&self) -> bool {
        self.checks_vault_domain
    }

    /// For requests that change nothing: a few repetitions, over within seconds.
    pub(crate) fn reading(&self) -> ClientOptions {
        self.options(a_few())
    }

    /// For requests that write: sent once. After a repetition nobody could tell what the first one did.
    pub(crate) fn writing(&self) -> ClientOptions {
        self.options(RetryOptions::none())
    }

    /// A pipeline to a storage service that has no client of its own in the SDK.
    pub(crate) fn storage_pipeline(&self, options: ClientOptions) -> Pipeline {
        self.pipeline(STORAGE_SCOPE, options)
    }

    /// A pipeline that sends a token of this scope with each request.
    pub(crate) fn pipeline(&self, scope: &str, options: ClientOptions) -> Pipeline {
        let bearer = BearerTokenAuthorizationPolicy::new(self.credential(), [scope.to_owned()]);
        Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            options,
            Vec::new(),
            vec![Arc::new(bearer)],
            None,
        )
    }

    fn options(&self, retry: RetryOptions) -> ClientOptions {
        ClientOptions { retry, transport: Some(self.transport.clone()), ..ClientOptions::default() }
    }
}

/// Two repetitions. The SDK's own eight would keep a caller waiting for a minute.
fn a_few() -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions {
        initial_delay: azure_core::time::Duration::milliseconds(100),
        max_retries: 2,
        max_total_elapsed: azure_core::time::Duration::seconds(5),
        max_delay: azure_core::time::Duration::seconds(1),
    })
}

/// The managed identity that the platform gave this process. It is looked up at its first use, so that a
/// process that never asks Azure for anything starts without it.
#[derive(Debug)]
pub struct ManagedIdentity {
    transport: Transport,
    client_id: Option<String>,
    credential: OnceLock<Arc<ManagedIdentityCredential>>,
}

impl ManagedIdentity {
    /// The user-assigned identity of this client id, or the system-assigned one.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>, client_id: Option<String>) -> Self {
        Self { transport: Transport::new(http), client_id, credential: OnceLock::new() }
    }

    fn credential(&self) -> azure_core::Result<&ManagedIdentityCredential> {
        if let Some(credential) = self.credential.get() {
            return Ok(credential);
        }
        let credential = ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
            user_assigned_id: self.client_id.clone().map(UserAssignedId::ClientId),
            client_options: ClientOptions {
                transport: Some(self.transport.clone()),
                retry: a_few(),
                ..ClientOptions::default()
            },
        }))?;
        Ok(self.credential.get_or_init(|| credential))
    }
}

#[async_trait]
impl TokenCredential for ManagedIdentity {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.credential()?.get_token(scopes, options).await
    }
}
