//! Reads failures: whether a request may have taken effect, and what the service called the trouble.

use azure_core::error::ErrorKind;
use azure_core::http::StatusCode;
use gatelet_core::outage::{Effect, Outage};

/// A service's refusal, without the request that it refused.
#[derive(Debug, thiserror::Error)]
#[error("Azure answered {status} {code}")]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
}

/// A read that failed changed nothing.
pub(crate) fn read(doing: &'static str) -> impl Fn(azure_core::Error) -> Outage {
    move |error| Outage::harmless(doing, error)
}

/// A write that failed may have happened, unless it is certain that it did not.
pub(crate) fn write(doing: &'static str) -> impl Fn(azure_core::Error) -> Outage {
    move |error| Outage { doing, effect: effect(&error), cause: error.into() }
}

/// What a failed request has left behind.
pub(crate) fn effect(error: &azure_core::Error) -> Effect {
    match error.kind() {
        ErrorKind::Connection | ErrorKind::Credential => Effect::Nothing,
        ErrorKind::HttpResponse { status, .. } => effect_of_status(*status),
        _ => Effect::Unknown,
    }
}

/// What a request has left behind that was answered with this status and did not succeed. Azure says 500
/// and 503 also when it does not know itself, and 408 when it lost patience half-way.
pub(crate) fn effect_of_status(status: StatusCode) -> Effect {
    let refused = status.is_client_error() && status != StatusCode::RequestTimeout;
    if refused { Effect::Nothing } else { Effect::Unknown }
}

/// The service's name for what is wrong.
pub(crate) fn code(error: &azure_core::Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::HttpResponse { error_code, .. } => error_code.as_deref(),
        _ => None,
    }
}

/// Whether the service answered with this status.
pub(crate) fn is(error: &azure_core::Error, status: StatusCode) -> bool {
    error.http_status() == Some(status)
}
