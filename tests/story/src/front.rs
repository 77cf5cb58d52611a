//! The one origin of a deployment, on a loopback port, for a client that is not the test: the runner.
//!
//! The emulators answer under names that no resolver knows. A stage whose base address is this one is reached by
//! everybody, as a deployment is through its domain.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use tokio::net::TcpListener;
use url::Url;

use crate::Stage;

/// The longest request that is passed on.
const MOST: usize = 8 * 1024 * 1024;

/// A port that is ours, before there is anything behind it.
pub struct Front {
    listener: TcpListener,
    address: Url,
}

impl Front {
    /// Takes a port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback port");
        let port = listener.local_addr().expect("an address").port();
        let address = Url::parse(&format!("http://localhost:{port}")).expect("an address");
        Self { listener, address }
    }

    /// The address of the port.
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// Passes every request on to the stage, until the runtime ends.
    pub fn serve(self, stage: Arc<dyn Stage>) {
        let app = Router::new().fallback(pass_on).with_state(stage);
        tokio::spawn(async move { axum::serve(self.listener, app).await });
    }
}

async fn pass_on(State(stage): State<Arc<dyn Stage>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST).await.expect("a request of a test is short");
    let body = str::from_utf8(&body).expect("a request of a test is text");
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let answer = stage.send(parts.method, path, &passed_on(&parts.headers), body).await;
    let kind = answer.headers.get("content-type").cloned();
    let mut response = (answer.status, answer.text).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

/// All headers but those of this connection, and the host, which the stage says itself.
fn passed_on(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let own = ["host", "connection", "content-length", "transfer-encoding"];
    let texts =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    texts.filter(|(name, _)| !own.contains(name)).collect()
}
