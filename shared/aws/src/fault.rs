//! What went wrong in a call, what it left behind, and whether to ask again.

use std::error::Error;
use std::time::Duration;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_types::request_id::RequestId;
use gatelet_core::outage::{Chain, Effect, Outage};

/// Codes by which a service turns a write away whole, for a reason that passes.
const PASSING: [&str; 9] = [
    "ConditionalRequestConflict",
    "OperationAborted",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflictException",
];

/// Between the attempts of a write that was turned away.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
    Duration::from_millis(160),
    Duration::from_millis(320),
];

/// A failed call in words and verdicts. The SDK's own error is not kept: printed for debugging, it would show
/// the answer's body.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Fault {
    /// What the call, made once, may have left behind.
    pub(crate) effect: Effect,
    /// Whether nothing was changed and the same call may well succeed in a moment.
    pub(crate) passes: bool,
    /// In words.
    pub(crate) text: String,
}

impl Fault {
    /// Judges what the SDK says about one attempt.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let passes = error.code().is_some_and(|code| PASSING.contains(&code));
        let effect =
            if passes || changed_nothing(error) { Effect::Nothing } else { Effect::Unknown };
        Self { effect, passes, text: describe(error) }
    }

    /// A call that could not even be put together.
    pub(crate) fn unsent(error: &dyn Error) -> Self {
        Self { effect: Effect::Nothing, passes: false, text: error.to_string() }
    }

    /// The outage of a write that was attempted once.
    pub(crate) fn into_outage(self, doing: &'static str) -> Outage {
        Outage { doing, effect: self.effect, cause: self.into() }
    }
}

/// The outage of a read.
pub(crate) fn unread<E>(doing: &'static str, error: &SdkError<E, HttpResponse>) -> Outage
where
    E: Error + ProvideErrorMetadata + 'static,
{
    Outage::harmless(doing, Fault::of(error))
}

/// The outage of a write that the SDK repeats by itself: the last attempt says nothing about the others.
pub(crate) fn unwritten<E>(doing: &'static str, error: &SdkError<E, HttpResponse>) -> Outage
where
    E: Error + ProvideErrorMetadata + 'static,
{
    Outage::uncertain(doing, Fault::of(error))
}

/// Repeats a write as long as it is turned away whole for a reason that passes, a few times at most.
pub(crate) async fn persist<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    for pause in PAUSES {
        match attempt().await {
            Err(fault) if fault.passes => tokio::time::sleep(pause).await,
            ended => return ended,
        }
    }
    attempt().await
}

fn changed_nothing<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .is_some_and(|error| error.is_user() || chain(error).any(is_failed_connect)),
        SdkError::ServiceError(answer) => {
            matches!(answer.raw().status().as_u16(), 400..=407 | 409..=499)
        }
        _ => false,
    }
}

/// Whether no connection came about, so that not one byte of the request was sent.
fn is_failed_connect(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<hyper_util::client::legacy::Error>()
        .is_some_and(hyper_util::client::legacy::Error::is_connect)
}

fn describe<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let SdkError::ServiceError(answer) = error else {
        return Chain(error).to_string();
    };
    format!(
        "{} {}, request {}: {}",
        answer.raw().status().as_u16(),
        error.code().unwrap_or("without a code"),
        error.request_id().unwrap_or("without an id"),
        error.message().unwrap_or("no message"),
    )
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
