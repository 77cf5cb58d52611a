//! A problem with the few things that may be said beside its code.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use gatelet_core::outage::Outage;
use gatelet_core::records::StoreError;
use gatelet_core::session::NotExtendable;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use utoipa::ToSchema;

use super::{Challenge, OAuthError, Problem};
use crate::TraceContext;

/// How long a caller waits before it tries again, where nobody said otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// A refusal with its details. What is not a member here cannot be said, so nothing internal leaves by accident.
#[derive(Clone, Debug)]
pub struct Detailed {
    kind: Kind,
    details: Box<Details>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Problem(Problem),
    OAuth(OAuthError),
}

#[derive(Clone, Debug, Default)]
struct Details {
    errors: Vec<FieldError>,
    base_url: Option<Url>,
    retry_after: Option<Duration>,
    challenge: Option<Challenge>,
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the body: a JSON Pointer (RFC 6901), or `/` and the name of a parameter.
    pub pointer: Cow<'static, str>,
    /// The stable code of what is wrong there.
    pub code: &'static str,
    /// The same for people. It says nothing that the caller did not send or may not know.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// This is wrong there.
    #[must_use]
    pub fn new(
        pointer: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    /// `urn:gatelet:problem:` and the code.
    r#type: String,
    /// What happened, for people. It may change.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// What happened. It is stable.
    code: &'a str,
    /// Names the request in the log.
    trace_id: &'a str,
    /// The parts of the request that are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FieldError],
    /// With `other_region`: the base address of the region that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    base_url: Option<&'a str>,
    /// Seconds to wait before another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after: Option<u64>,
}

/// An error of an OAuth endpoint (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct OAuthDocument<'a> {
    /// The code of the standard.
    error: &'a str,
    /// The same for people.
    error_description: &'a str,
    /// Names the request in the log.
    trace_id: &'a str,
}

impl Detailed {
    /// The region where it is: [`Problem::OtherRegion`] with that region's base address.
    #[must_use]
    pub fn other_region(base_url: Url) -> Self {
        let mut detailed = Self::from(Problem::OtherRegion);
        detailed.details.base_url = Some(base_url);
        detailed
    }

    /// Names one more part of the request that is wrong.
    #[must_use]
    pub fn error(mut self, error: FieldError) -> Self {
        self.details.errors.push(error);
        self
    }

    /// Says when to try again, in whole seconds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.details.retry_after = Some(wait);
        self
    }

    /// Says with `WWW-Authenticate` what is asked of the bearer.
    #[must_use]
    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.details.challenge = Some(challenge);
        self
    }

    /// The problem, if it is one: the OAuth endpoints have errors of their own.
    #[must_use]
    pub const fn problem(&self) -> Option<Problem> {
        match self.kind {
            Kind::Problem(problem) => Some(problem),
            Kind::OAuth(_) => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            Kind::Problem(problem) => problem.describe().0,
            Kind::OAuth(error) => error.describe().0,
        }
    }

    /// The finished answer. Only the front builds it, because only there is the trace known.
    pub(crate) fn render(&self, trace: &TraceContext) -> Response {
        let (media_type, document) = self.document(trace.trace_id());
        let mut response = Response::new(Body::from(document.to_string()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some(wait) = self.wait() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        if let Some(challenge) = self.details.challenge.and_then(Challenge::header) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if matches!(self.problem(), Some(Problem::NotFromOurPage | Problem::NotANavigation)) {
            let vary = HeaderValue::from_static(crate::csrf::VARY);
            headers.insert(HeaderName::from_static("vary"), vary);
        }
        response
    }

    fn document(&self, trace_id: &str) -> (&'static str, Value) {
        match self.kind {
            Kind::Problem(problem) => {
                let (status, code, title) = problem.describe();
                let document = ProblemDocument {
                    r#type: format!("urn:gatelet:problem:{code}"),
                    title,
                    status: status.as_u16(),
                    code,
                    trace_id,
                    errors: &self.details.errors,
                    base_url: self.details.base_url.as_ref().map(Url::as_str),
                    retry_after: self.wait().map(|wait| wait.as_secs()),
                };
                ("application/problem+json", serde_json::json!(document))
            }
            Kind::OAuth(error) => {
                let (_, code, description) = error.describe();
                let document =
                    OAuthDocument { error: code, error_description: description, trace_id };
                ("application/json", serde_json::json!(document))
            }
        }
    }

    fn wait(&self) -> Option<Duration> {
        let waits = [Some(Problem::Unavailable), Some(Problem::TooManyRequests)];
        let usual = waits.contains(&self.problem()).then_some(PATIENCE);
        self.details.retry_after.or(usual)
    }
}

impl From<Problem> for Detailed {
    fn from(problem: Problem) -> Self {
        // What needs nothing more than the code to be said is said with each.
        let challenge = (problem == Problem::InvalidToken).then_some(Challenge::InvalidToken);
        let details = Details { challenge, ..Details::default() };
        Self { kind: Kind::Problem(problem), details: Box::new(details) }
    }
}

impl From<OAuthError> for Detailed {
    fn from(error: OAuthError) -> Self {
        Self { kind: Kind::OAuth(error), details: Box::default() }
    }
}

impl From<NotExtendable> for Detailed {
    fn from(refused: NotExtendable) -> Self {
        match refused {
            NotExtendable::NotAdmitted(_) => Problem::NotAdmitted.into(),
            NotExtendable::Elsewhere(region) => Self::other_region(region),
            NotExtendable::EndsAnyway => Problem::EndsAnyway.into(),
        }
    }
}

impl From<StoreError> for Detailed {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Outage> for Detailed {
    fn from(outage: Outage) -> Self {
        Problem::from(outage).into()
    }
}

impl IntoResponse for Detailed {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
