//! The front gate: what happens to every request before its route and to every answer after it.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use gatelet_core::trace::{Span, SpanKind};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use crate::TraceContext;
use crate::problem::{Detailed, Problem};
use crate::trace::trace_of;
use crate::visitor::Visitor;
use crate::{Gate, Routes};

/// How a door knows that a request was meant for this deployment.
#[derive(Clone, Debug)]
pub enum Origin {
    /// `Host` names the base address. For doors that the client reaches as it addressed them.
    Host,
    /// `X-Azure-FDID` names our Front Door, behind which `Host` is the app's own.
    FrontDoor(String),
}

/// Puts routes behind the front. The result is a whole service.
pub fn front(routes: Routes, gate: Gate, origin: Origin) -> Router {
    let state = Front { gate: gate.clone(), origin };
    routes
        .into_router()
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .with_state(gate)
        .layer(from_fn_with_state(state, pass))
}

#[derive(Clone)]
struct Front {
    gate: Gate,
    origin: Origin,
}

async fn pass(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let began = front.gate.clock.now();
    let trace = trace_of(request.headers(), &front.gate);
    let method = request.method().clone();
    // A path that is no route's is a stranger's text, and stays out of the log.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let visitor = Visitor::enters(&mut request);
    let response = match front.admit(&request) {
        Ok(()) => {
            request.extensions_mut().insert(trace.clone());
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    let name = route.as_ref().map_or("-", MatchedPath::as_str);
    if let Some(refusal) = refusal_in(&response) {
        visitor.was_refused(&front.gate, &format!("{method} {name}"), refusal, began).await;
    }
    let mut response = finish(response, &trace);
    let is_https = front.gate.base_url.scheme() == "https";
    add_security_headers(response.headers_mut(), is_https);
    let ended = front.gate.clock.now();
    let duration_ms = ended.millis().saturating_sub(began.millis());
    let status = response.status().as_u16();
    front.gate.memory.spans.keep(Span {
        context: trace.clone(),
        name: format!("{method} {name}"),
        kind: SpanKind::Server,
        began,
        ended,
        facts: vec![("http.route", name.into()), ("http.response.status_code", status.into())],
        has_failed: status >= 500,
    });
    let trace_id = trace.trace_id();
    tracing::info!(%method, route = name, status, duration_ms, trace_id, "answered a request");
    response
}

impl Front {
    fn admit(&self, request: &Request) -> Result<(), Problem> {
        if !is_normal(request.uri()) {
            return Err(Problem::BadPath);
        }
        match &self.origin {
            Origin::Host if self.names_us(request) => Ok(()),
            Origin::Host => Err(Problem::OtherHost),
            Origin::FrontDoor(id) => {
                let given = request.headers().get("x-azure-fdid");
                let ours = given.is_some_and(|given| given.as_bytes() == id.as_bytes());
                if ours { Ok(()) } else { Err(Problem::NotThroughFront) }
            }
        }
    }

    /// Whether the request was addressed to the base address: its one `Host`, or the authority of an absolute
    /// request line, in lower case.
    fn names_us(&self, request: &Request) -> bool {
        let base = &self.gate.base_url;
        let Some(host) = base.host_str() else { return false };
        let ours = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut given = request.headers().get_all(header::HOST).iter();
        let named = match (given.next(), given.next()) {
            (Some(one), None) => one.to_str().ok().map(str::to_ascii_lowercase),
            (None, None) => request.uri().authority().map(|a| a.as_str().to_ascii_lowercase()),
            _ => None,
        };
        named.is_some_and(|named| named == ours)
    }
}

/// Whether the path is in the one form that every layer reads alike: no empty or dot segments, nothing
/// percent-encoded that hides a separator, no backslash or control character.
fn is_normal(uri: &Uri) -> bool {
    let path = uri.path();
    let lower = path.to_ascii_lowercase();
    let hidden = ["%2f", "%5c", "%2e", "%00", "%23", "%25"];
    path.starts_with('/')
        && !path.contains("//")
        && !path.contains(['\\', '#', ';'])
        && !path.split('/').any(|segment| segment == "." || segment == "..")
        && !hidden.iter().any(|code| lower.contains(code))
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Why a caller was refused who may be somebody: rights, roles and rules, and no mistake of theirs.
fn refusal_in(response: &Response) -> Option<Problem> {
    let problem = response.extensions().get::<Detailed>()?.problem()?;
    (problem.describe().0 == StatusCode::FORBIDDEN).then_some(problem)
}

/// Turns every error into a problem document that names its trace, whoever made it.
fn finish(response: Response, trace: &TraceContext) -> Response {
    let problem = response
        .extensions()
        .get::<Detailed>()
        .cloned()
        .or_else(|| Problem::of_status(response.status()).map(Detailed::from));
    let Some(problem) = problem else { return response };
    let mut rendered = problem.render(trace);
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        rendered.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    rendered
}

fn add_security_headers(headers: &mut HeaderMap, is_https: bool) {
    let always = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=63072000"));
    }
}

#[cfg(test)]
mod tests {
    use super::is_normal;

    // Proves std 92; L 20, 29, 31.
    #[test]
    fn a_path_has_one_form_and_every_trick_is_refused() {
        for good in ["/", "/auth/session", "/.well-known/jwks.json", "/api/runs/0af7", "/a%20b"] {
            assert!(is_normal(&good.parse().unwrap()), "{good}");
        }
        for bad in [
            "/auth//session",
            "//evil.example",
            "/auth/../api",
            "/auth/./session",
            "/auth%2fsession",
            "/auth%2Fsession",
            "/%2e%2e/api",
            "/auth%5csession",
            "/a%00",
            "/a%23b",
            "/a%252fb",
            "/a;b=c",
        ] {
            assert!(!is_normal(&bad.parse().unwrap()), "{bad}");
        }
    }
}
