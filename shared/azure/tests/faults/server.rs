//! A server that behaves as badly as it is told, and writes down what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use azure_core::time::OffsetDateTime;
use gatelet_azure::{Access, Timeouts, http_client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What the server does once it has read a whole request.
pub(crate) enum Reply {
    /// Closes the connection.
    HangUp,
    /// Keeps the connection open and says nothing.
    Silence,
    /// Answers with a status, header lines and a body.
    Answer(u16, &'static str, String),
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, "", String::new())
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, "Content-Type: application/json\r\n", body.to_owned())
    }
}

/// The server.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server that replies to each request, given as its text, as the function says.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (reply, seen) = (Arc::new(reply), asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, reply.clone(), seen.clone()));
            }
        });
        Self { address, asked }
    }

    /// A server that is gone: its port refuses connections.
    pub(crate) async fn gone() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { address: listener.local_addr().unwrap(), asked: Arc::default() }
    }

    /// Its address, as adapters want it.
    pub(crate) fn url(&self) -> Url {
        Url::parse(&format!("https://{}", self.address)).unwrap()
    }

    /// Its address without the pretence of TLS.
    pub(crate) fn plain_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, as text.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests so far would have changed something.
    pub(crate) fn writes(&self) -> usize {
        self.asked().iter().filter(|request| !request.starts_with("GET ")).count()
    }
}

async fn serve(
    mut stream: TcpStream,
    reply: Arc<impl Fn(&str) -> Reply + Send + Sync>,
    asked: Arc<Mutex<Vec<String>>>,
) {
    let Some(request) = read(&mut stream).await else { return };
    asked.lock().unwrap().push(request.clone());
    match reply(&request) {
        Reply::HangUp => {}
        Reply::Silence => {
            // Ends when the client gives up.
            let _closed = stream.read(&mut [0]).await;
        }
        Reply::Answer(status, headers, body) => {
            let head = format!(
                "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
                body.len()
            );
            let _maybe_gone = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(text.into_owned());
        }
    }
}

/// The real client, except that it speaks to the server without TLS.
#[derive(Debug)]
struct WithoutTls(reqwest::Client);

#[async_trait]
impl HttpClient for WithoutTls {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        request.url_mut().set_scheme("http").unwrap();
        self.0.execute_request(&request).await
    }
}

const LITTLE_PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(1),
    read: Duration::from_secs(2),
    total: Duration::from_secs(3),
};

/// The real client without TLS, and with little patience.
pub(crate) fn client() -> Arc<dyn HttpClient> {
    Arc::new(WithoutTls(http_client(LITTLE_PATIENCE, None).unwrap()))
}

/// Access by the real client as it is, to a server that cannot speak TLS.
pub(crate) fn access_by_tls() -> Access {
    Access::new(Arc::new(http_client(LITTLE_PATIENCE, None).unwrap()), Arc::new(Somebody))
}

/// Access in the name of nobody.
pub(crate) fn access_without_identity() -> Access {
    Access::new(client(), Arc::new(Nobody))
}

/// Access in the name of somebody.
pub(crate) fn access() -> Access {
    Access::new(client(), Arc::new(Somebody)).with_a_vault_of_any_domain()
}

/// An identity that gets a token whenever it asks.
#[derive(Debug)]
struct Somebody;

#[async_trait]
impl TokenCredential for Somebody {
    async fn get_token(
        &self,
        _scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let far_ahead = OffsetDateTime::from_unix_timestamp(4_102_444_800).unwrap();
        Ok(AccessToken::new("token".to_owned(), far_ahead))
    }
}

/// An identity that gets no token.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl TokenCredential for Nobody {
    async fn get_token(
        &self,
        _scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Err(azure_core::Error::with_message(ErrorKind::Credential, "nobody"))
    }
}
