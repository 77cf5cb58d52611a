//! The one shape of an error that leaves the gateway: a problem document (RFC 9457).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use gatelet_core::outage::{Chain, Outage};
use gatelet_core::records::StoreError;
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::trace::TraceContext;

/// Why a request was not answered as asked. No variant holds text, so none can leak any; what happened inside
/// is logged where it was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The request path is not in its one accepted form.
    BadPath,
    /// The request is malformed in another way.
    BadRequest,
    /// The request came without a live session.
    SignInRequired,
    /// The request carries a cookie but does not prove that our own page sent it.
    NotFromOurPage,
    /// The request did not come through the front that guards this deployment.
    NotThroughFront,
    /// There is no such route or resource, or none that the caller may know of.
    NotFound,
    /// The route exists under another method.
    MethodNotAllowed,
    /// What should be created is there already, and has not been changed.
    AlreadyThere,
    /// The body is longer than the route accepts.
    TooLarge,
    /// The request names a host that this deployment does not answer for.
    OtherHost,
    /// Something went wrong that the caller cannot mend.
    Internal,
    /// A dependency is away. Nothing is known about what was asked, least of all that it does not exist.
    Unavailable,
}

impl Problem {
    /// Every problem, for the reference.
    pub const ALL: [Self; 12] = [
        Self::BadPath,
        Self::BadRequest,
        Self::SignInRequired,
        Self::NotFromOurPage,
        Self::NotThroughFront,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::AlreadyThere,
        Self::TooLarge,
        Self::OtherHost,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The status, the stable code, and a title for people.
    #[must_use]
    pub const fn describe(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadPath => {
                (StatusCode::BAD_REQUEST, "bad_path", "The path is not in its normal form")
            }
            Self::BadRequest => {
                (StatusCode::BAD_REQUEST, "bad_request", "The request is malformed")
            }
            Self::SignInRequired => {
                (StatusCode::UNAUTHORIZED, "sign_in_required", "Sign in to go on")
            }
            Self::NotFromOurPage => (
                StatusCode::FORBIDDEN,
                "not_from_our_page",
                "The request does not prove that our own page sent it",
            ),
            Self::NotThroughFront => (
                StatusCode::FORBIDDEN,
                "not_through_front",
                "The request did not come through the front",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is no such thing here"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The route does not take this method",
            ),
            Self::AlreadyThere => {
                (StatusCode::CONFLICT, "already_there", "It exists already and was not changed")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too long"),
            Self::OtherHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "other_host",
                "This deployment does not answer for that host",
            ),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here")
            }
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "A dependency is away; try again soon",
            ),
        }
    }

    /// The problem that an answer without a document stands for, such as a router's own 404.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::MethodNotAllowed),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            other if other.is_client_error() => Some(Self::BadRequest),
            other if other.is_server_error() => Some(Self::Internal),
            _ => None,
        }
    }

    /// The finished answer. Only the front builds it, because only there is the trace known.
    pub(crate) fn render(self, trace: &TraceContext) -> Response {
        let (status, code, title) = self.describe();
        let document = serde_json::json!({
            "type": format!("urn:gatelet:problem:{code}"),
            "title": title,
            "status": status.as_u16(),
            "code": code,
            "trace_id": trace.trace_id(),
        });
        let mut response = Response::new(Body::from(document.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self == Self::Unavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if self == Self::NotFromOurPage {
            headers.insert(
                HeaderName::from_static("vary"),
                HeaderValue::from_static("sec-fetch-site, origin"),
            );
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, ..) = self.describe();
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %Chain(&error), "a store could not answer");
        match error {
            StoreError::Outage(_) | StoreError::Contended { .. } => Self::Unavailable,
            StoreError::Unreadable { .. } | StoreError::BadName(_) | StoreError::BadCommit(_) => {
                Self::Internal
            }
        }
    }
}

impl From<Outage> for Problem {
    fn from(outage: Outage) -> Self {
        StoreError::from(outage).into()
    }
}
