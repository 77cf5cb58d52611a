//! The one shape of an error that leaves the gateway: a problem document (RFC 9457), and what may stand in it.

mod can;
mod challenge;
mod detailed;
mod oauth;

use axum::response::{IntoResponse, Response};
use gatelet_core::identity::Refusal;
use gatelet_core::outage::{Chain, Outage};
use gatelet_core::records::StoreError;
use gatelet_core::sign_in::{NotSignedIn, SignInRefusal};
use http::StatusCode;

pub use self::can::Can;
pub use self::challenge::Challenge;
pub use self::detailed::{Detailed, FieldError};
pub(crate) use self::detailed::{OAuthDocument, ProblemDocument};
pub use self::oauth::OAuthError;

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
    /// The bearer token is none of ours, is over, or was taken back.
    InvalidToken,
    /// The path names no attempt that goes on, or the key is not its own.
    UnknownAttempt,
    /// The sign-in is too old or too weak for what was asked (RFC 9470).
    StepUpRequired,
    /// The token is good and has not the scope that the route asks for.
    InsufficientScope,
    /// The person is known and the rules of the tenant let them in no longer.
    NotAdmitted,
    /// The request carries a cookie but does not prove that our own page sent it.
    NotFromOurPage,
    /// The request did not come through the front that guards this deployment.
    NotThroughFront,
    /// The address is for a browser's own window, and neither for a frame nor for a script.
    NotANavigation,
    /// There is no such route or resource, or none that the caller may know of.
    NotFound,
    /// The route exists under another method.
    MethodNotAllowed,
    /// What should be created is there already, and has not been changed.
    AlreadyThere,
    /// The session ends at a time that nothing can move any more.
    EndsAnyway,
    /// The body is longer than the route accepts.
    TooLarge,
    /// The body is in a format that the route does not read.
    UnsupportedMediaType,
    /// The request names a host that this deployment does not answer for.
    OtherHost,
    /// What was asked for has its home in another region, whose address stands beside the code.
    OtherRegion,
    /// The role is not one that may do this.
    RoleRequired,
    /// Somebody else asked for it, and the caller may not decide for them.
    NotYours,
    /// The tenant has no connection of a kind that the automation needs.
    ConnectionMissing,
    /// The host keeps scripts apart less well than the automation asks.
    SandboxUnavailable,
    /// As many runs of the automation as may go on are going on, and it refuses more.
    Busy,
    /// The letter is not the one that follows, or not the one that came before under its number.
    OutOfTurn,
    /// The run is over, and nothing about it changes any more.
    RunOver,
    /// No such step of the run waits for somebody to say what became of it.
    NothingUncertain,
    /// The request must name itself in `Idempotency-Key`, and does not.
    IdempotencyKeyMissing,
    /// The same `Idempotency-Key` came with something else before.
    IdempotencyMismatch,
    /// Parts of the body are not what is asked for; each is named.
    InvalidInputs,
    /// The caller asks more often than it may.
    TooManyRequests,
    /// Something went wrong that the caller cannot mend.
    Internal,
    /// A dependency is away. Nothing is known about what was asked, least of all that it does not exist.
    Unavailable,
}

impl Problem {
    /// Every problem, for the reference.
    pub const ALL: [Self; 33] = [
        Self::BadPath,
        Self::BadRequest,
        Self::SignInRequired,
        Self::InvalidToken,
        Self::UnknownAttempt,
        Self::StepUpRequired,
        Self::InsufficientScope,
        Self::NotAdmitted,
        Self::NotFromOurPage,
        Self::NotThroughFront,
        Self::NotANavigation,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::AlreadyThere,
        Self::EndsAnyway,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::OtherHost,
        Self::OtherRegion,
        Self::RoleRequired,
        Self::NotYours,
        Self::ConnectionMissing,
        Self::SandboxUnavailable,
        Self::Busy,
        Self::OutOfTurn,
        Self::RunOver,
        Self::NothingUncertain,
        Self::IdempotencyKeyMissing,
        Self::IdempotencyMismatch,
        Self::InvalidInputs,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The status, the stable code, and a title for people.
    #[must_use]
    pub const fn describe(self) -> (StatusCode, &'static str, &'static str) {
        let (code, title) = self.words();
        (self.status(), code, title)
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::BadPath | Self::BadRequest | Self::IdempotencyKeyMissing => {
                StatusCode::BAD_REQUEST
            }
            Self::SignInRequired
            | Self::InvalidToken
            | Self::UnknownAttempt
            | Self::StepUpRequired => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope
            | Self::NotAdmitted
            | Self::NotFromOurPage
            | Self::NotThroughFront
            | Self::NotANavigation
            | Self::RoleRequired
            | Self::NotYours => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadyThere
            | Self::EndsAnyway
            | Self::ConnectionMissing
            | Self::SandboxUnavailable
            | Self::Busy
            | Self::OutOfTurn
            | Self::RunOver
            | Self::NothingUncertain => StatusCode::CONFLICT,
            Self::IdempotencyMismatch | Self::InvalidInputs => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::OtherHost | Self::OtherRegion => StatusCode::MISDIRECTED_REQUEST,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::BadPath => ("bad_path", "The path is not in its normal form"),
            Self::BadRequest => ("bad_request", "The request is malformed"),
            Self::SignInRequired => ("sign_in_required", "Sign in to go on"),
            Self::InvalidToken => ("invalid_token", "The token is not valid, or no longer"),
            Self::UnknownAttempt => {
                ("unknown_attempt", "There is no such attempt, or this is not its key")
            }
            Self::StepUpRequired => {
                ("step_up_required", "This needs a more recent or a stronger sign-in")
            }
            Self::InsufficientScope => {
                ("insufficient_scope", "The token does not reach as far as this")
            }
            Self::NotAdmitted => ("not_admitted", "The rules of the tenant do not let you in"),
            Self::NotFromOurPage => {
                ("not_from_our_page", "The request does not prove that our own page sent it")
            }
            Self::NotThroughFront => {
                ("not_through_front", "The request did not come through the front")
            }
            Self::NotANavigation => {
                ("not_a_navigation", "This address is for a browser's own window")
            }
            Self::NotFound => ("not_found", "There is no such thing here"),
            Self::MethodNotAllowed => ("method_not_allowed", "The route does not take this method"),
            Self::AlreadyThere => ("already_there", "It exists already and was not changed"),
            Self::EndsAnyway => ("ends_anyway", "The session ends then, whatever happens"),
            Self::TooLarge => ("too_large", "The body is too long"),
            Self::UnsupportedMediaType => {
                ("unsupported_media_type", "The route does not read a body of this kind")
            }
            Self::OtherHost => ("other_host", "This deployment does not answer for that host"),
            Self::OtherRegion => ("other_region", "This has its home in another region"),
            Self::RoleRequired => ("role_required", "Your role does not start this"),
            Self::NotYours => ("not_yours", "Somebody else asked for this run"),
            Self::ConnectionMissing => {
                ("connection_missing", "The tenant has no connection that this needs")
            }
            Self::SandboxUnavailable => {
                ("sandbox_unavailable", "This host keeps scripts apart less well than this asks")
            }
            Self::Busy => ("busy", "As many runs of this as may go on are going on"),
            Self::OutOfTurn => ("out_of_turn", "Another letter is due"),
            Self::RunOver => ("run_over", "The run is over"),
            Self::NothingUncertain => {
                ("nothing_uncertain", "No step of the run waits for a decision")
            }
            Self::IdempotencyKeyMissing => {
                ("idempotency_key_missing", "The header Idempotency-Key is missing or malformed")
            }
            Self::IdempotencyMismatch => {
                ("idempotency_mismatch", "Something else was asked for under this key")
            }
            Self::InvalidInputs => ("invalid_inputs", "Some inputs are not what is asked for"),
            Self::TooManyRequests => ("too_many_requests", "Too many requests; wait a little"),
            Self::Internal => ("internal", "Something went wrong here"),
            Self::Unavailable => ("unavailable", "A dependency is away; try again soon"),
        }
    }

    /// The problem that an answer without a document stands for, such as a router's own 404.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::MethodNotAllowed),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Self::UnsupportedMediaType),
            other if other.is_client_error() => Some(Self::BadRequest),
            other if other.is_server_error() => Some(Self::Internal),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        Detailed::from(self).into_response()
    }
}

impl From<NotSignedIn> for Problem {
    fn from(error: NotSignedIn) -> Self {
        match error {
            NotSignedIn::Outage(outage) => outage.into(),
            NotSignedIn::Refused(SignInRefusal::BadRequest) => Self::BadRequest,
            NotSignedIn::Refused(SignInRefusal::Identity(
                Refusal::NoTenant | Refusal::TenantInactive | Refusal::NoRole,
            )) => Self::NotAdmitted,
            NotSignedIn::Refused(_) => Self::SignInRequired,
        }
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
