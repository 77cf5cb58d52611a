//! The address on the loopback at which the gateway's answer arrives (RFC 8252 §7.3).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::say::Failure;

/// How long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_mins(10);

/// A port that nobody else has, and what arrives there.
pub(super) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

/// What the gateway said in the query of its redirect.
pub(super) struct Arrived(Vec<(String, String)>);

impl Arrived {
    /// A parameter, if it stands there once.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let one = found.next().map(|(_, value)| value.as_str());
        one.filter(|_| found.next().is_none())
    }
}

struct Expected {
    host: String,
    sender: mpsc::Sender<Arrived>,
}

impl Listener {
    /// Takes a port.
    pub(super) async fn open() -> Result<Self, Failure> {
        let failed = |error| Failure::could_not("listen on the loopback", &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where the gateway sends its answer.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://{}/callback", self.address)
    }

    /// Waits for an answer that is meant for us, and tells the person to come back.
    pub(super) async fn wait(
        self,
        is_ours: impl Fn(&Arrived) -> bool + Send + Sync,
    ) -> Result<Arrived, Failure> {
        let (sender, mut arriving) = mpsc::channel(1);
        let expected = Arc::new(Expected { host: self.address.to_string(), sender });
        let router = Router::new().route("/callback", get(arrive)).with_state(expected);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = axum::serve(self.listener, router).with_graceful_shutdown(async {
            // That the sender is gone means the same.
            let _ = stopped.await;
        });
        let server = tokio::spawn(server.into_future());
        let arrived = tokio::time::timeout(PATIENCE, async {
            loop {
                // What a stranger sends here must not keep the person's own answer from being taken.
                match arriving.recv().await {
                    Some(arrived) if is_ours(&arrived) => return Some(arrived),
                    Some(_) => {}
                    None => return None,
                }
            }
        });
        let arrived = arrived.await.ok().flatten();
        drop(stop);
        // The page that says so is on its way; a browser that keeps its connection open is not waited for.
        let _ = tokio::time::timeout(Duration::from_secs(1), server).await;
        arrived.ok_or_else(|| Failure::no("nobody has signed in within ten minutes"))
    }
}

async fn arrive(
    State(expected): State<Arc<Expected>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if headers.get(header::HOST).is_none_or(|host| host.as_bytes() != expected.host.as_bytes()) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let query = query.unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    // Only full while an answer is being looked at.
    if expected.sender.send(Arrived(pairs)).await.is_err() {
        return StatusCode::GONE.into_response();
    }
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let page = "<!doctype html><html lang=\"en\"><title>Gatelet</title>\
        <p>You can close this window: the command line goes on.</p></html>";
    (headers, Html(page)).into_response()
}
