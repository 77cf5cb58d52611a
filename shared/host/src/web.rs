//! The way to other people's servers: one HTTP client, built at its first use.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_core::web::{LONGEST_ANSWER, Web, WebAnswer, WebRequest};
use http::{HeaderMap, HeaderValue, header};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Host;
use zeroize::Zeroizing;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take, all in all.
const ANSWER: Duration = Duration::from_secs(8);

/// Calls servers with TLS; on somebody's own machine also those on its loopback without.
pub(crate) struct HttpWeb {
    loopback: bool,
    client: OnceLock<Client>,
}

impl HttpWeb {
    /// For a deployment: TLS, whoever is called.
    #[cfg(any(feature = "aws", feature = "azure"))]
    pub(crate) const fn strict() -> Self {
        Self { loopback: false, client: OnceLock::new() }
    }

    /// For one machine: the loopback is called without TLS too.
    #[cfg(feature = "local")]
    pub(crate) const fn with_loopback() -> Self {
        Self { loopback: true, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, Outage> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let built = Client::builder()
            .redirect(Policy::none())
            .https_only(!self.loopback)
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .build()
            .map_err(|error| Outage::harmless("build the HTTP client", error))?;
        Ok(self.client.get_or_init(|| built))
    }

    fn permits(&self, request: &WebRequest) -> bool {
        let loopback = match request.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        request.url.scheme() == "https" || (self.loopback && loopback)
    }
}

#[async_trait]
impl Web for HttpWeb {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        if !self.permits(request) {
            return Err(Outage::harmless("call a server", "its address is not https"));
        }
        let client = self.client()?;
        let mut call = match &request.form {
            None => client.get(request.url.clone()),
            Some(form) => client
                .post(request.url.clone())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.expose().to_vec()),
        };
        if let Some(value) = &request.authorization {
            let mut value = HeaderValue::from_bytes(value.expose())
                .map_err(|error| Outage::harmless("write an Authorization header", error))?;
            value.set_sensitive(true);
            call = call.header(header::AUTHORIZATION, value);
        }
        let call = call.header(header::ACCEPT, "application/json");
        // The address is left out of the error: a log should not repeat what a provider may have put into it.
        let answer = call.send().await.map_err(|e| lost(request, e.without_url()))?;
        let (status, max_age) = (answer.status().as_u16(), max_age(answer.headers()));
        let body = read(answer).await.map_err(|e| lost(request, e))?;
        Ok(WebAnswer { status, body, max_age })
    }
}

fn lost(request: &WebRequest, cause: impl Into<gatelet_core::outage::Cause>) -> Outage {
    if request.form.is_some() {
        Outage::uncertain("post to a server", cause)
    } else {
        Outage::harmless("ask a server", cause)
    }
}

async fn read(mut answer: Response) -> Result<SecretBytes, gatelet_core::outage::Cause> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
            return Err("the answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(SecretBytes::new(std::mem::take(&mut *body)))
}

/// The number of seconds after `max-age`, in whichever `Cache-Control` line it stands.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|directive| directive.trim().strip_prefix("max-age="))
        .find_map(|seconds| seconds.parse().ok())
        .map(Duration::from_secs)
}
