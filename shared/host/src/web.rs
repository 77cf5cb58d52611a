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
        match request.url.scheme() {
            "https" => true,
            "http" => self.loopback && loopback,
            _ => false,
        }
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

#[cfg(test)]
#[cfg(feature = "local")]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use gatelet_core::web::{Web as _, WebRequest};
    use url::Url;

    use super::HttpWeb;

    fn to(address: &str) -> WebRequest {
        WebRequest::get(Url::parse(address).unwrap())
    }

    // Proves std 27, 114.
    #[tokio::test]
    async fn only_tls_is_spoken_but_with_the_loopback_of_ones_own_machine() {
        let web = HttpWeb::with_loopback();
        for address in [
            "http://idp.example/",
            "http://10.0.0.1/",
            "http://localhost.example/",
            "http://[fe80::1]/",
            "ftp://127.0.0.1/",
        ] {
            let refused = web.send(&to(address)).await.unwrap_err();
            assert!(refused.cause.to_string().contains("not https"), "{address}: {refused:?}");
        }
        let strict = HttpWeb { loopback: false, client: std::sync::OnceLock::new() };
        assert!(strict.send(&to("http://127.0.0.1:1/")).await.is_err());
    }

    // Proves std 27.
    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 2048]).unwrap();
            stream.write_all(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").unwrap();
        });
        let answer =
            HttpWeb::with_loopback().send(&to(&format!("http://{address}/"))).await.unwrap();
        assert_eq!(answer.status, 302);
        server.join().unwrap();
    }
}
