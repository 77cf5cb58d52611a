//! Who may talk to the provider: this machine, under the provider's own name.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::Pocket;

/// Lets a request through whose peer is on the loopback and whose one `Host` is the issuer's, so that neither the
/// network nor a page of another name that resolves to this machine gets an answer.
pub(super) async fn admit(
    State(pocket): State<Arc<Pocket>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if is_local(&request) && names(&request, &pocket) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "The pocket provider answers this machine only.\n").into_response()
    };
    let always = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn is_local(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().is_loopback())
}

fn names(request: &Request, pocket: &Pocket) -> bool {
    let mut given = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else { return false };
    pocket.issuer().strip_prefix("http://").is_some_and(|ours| host.as_bytes() == ours.as_bytes())
}
