//! Signing in: from a click, over an identity provider, to a session or to a code for a client without a cookie.
//!
//! A browser carries what is under way itself, sealed, in one of five cookies: a flood of beginnings writes
//! nothing. Each is used once, by a mark that is set before the provider's code is redeemed.

mod begin;
mod choice;
mod client;
mod elsewhere;
mod ended;
mod finish;
mod outcome;
mod pending;
mod sealing;
mod slots;
mod target;

use url::Url;

pub use self::begin::{Begun, Click, Standing, begin};
pub use self::choice::{ASKED_FOR, Choosable, choosable, choose};
pub use self::client::{Authorize, NotAuthorized, authorize};
pub use self::finish::{Answer, finish};
pub use self::outcome::Finished;
pub use self::pending::{Carried, ClientRequest, Demand, Intent, LIFE, SLOTS};
pub use self::sealing::{LONGEST_SEALED, Lookups, NotOpened, NotSealed, Purpose, Sealer};
pub use self::target::{BadTarget, LONGEST_TARGET, RESERVED, ReturnTarget};
use crate::identity::{Refusal, SignInError};
use crate::outage::Outage;
use crate::records::StoreError;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum NotSignedIn {
    /// Something is away: the vault, the records, the registry or the provider. Nothing was decided.
    #[error(transparent)]
    Outage(#[from] StoreError),
    /// It was decided.
    #[error("refused: {}", .0.code())]
    Refused(SignInRefusal),
}

/// A sign-in that came to nothing.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub why: NotSignedIn,
    /// Where it would have led, if that is known by now.
    pub target: Option<ReturnTarget>,
}

/// Why a sign-in was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// The request lacks something, names something twice, or is too long.
    BadRequest,
    /// The registry has no such provider.
    UnknownProvider,
    /// The place to return to is none of ours.
    BadTarget,
    /// This browser has no sign-in under way that the answer belongs to: it began in another browser, took too
    /// long, or was replaced by the sixth one after it.
    Lost,
    /// This sign-in was finished before.
    Used,
    /// The answer came to another provider's callback.
    OtherProvider,
    /// The person, or their administrator, said no at the provider.
    Cancelled,
    /// The provider answered with another error.
    ProviderError,
    /// Somebody else than the person of the session proved who they are.
    OtherPerson,
    /// The registry has no such client.
    UnknownClient,
    /// The address that a client wants its answer at is none of its own.
    BadRedirectUri,
    /// The provider's proof, or the registry's rules, do not let the person in.
    Identity(Refusal),
}

impl SignInRefusal {
    /// Every refusal of this room, for the reference. Those of [`Refusal`] join them.
    pub const ALL: [Self; 11] = [
        Self::BadRequest,
        Self::UnknownProvider,
        Self::BadTarget,
        Self::Lost,
        Self::Used,
        Self::OtherProvider,
        Self::Cancelled,
        Self::ProviderError,
        Self::OtherPerson,
        Self::UnknownClient,
        Self::BadRedirectUri,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::UnknownProvider => "unknown_provider",
            Self::BadTarget => "bad_target",
            Self::Lost => "sign_in_lost",
            Self::Used => "sign_in_used",
            Self::OtherProvider => "other_provider",
            Self::Cancelled => "cancelled",
            Self::ProviderError => "provider_error",
            Self::OtherPerson => "other_person",
            Self::UnknownClient => "unknown_client",
            Self::BadRedirectUri => "bad_redirect_uri",
            Self::Identity(refusal) => refusal.code(),
        }
    }
}

impl NotSignedIn {
    /// The same, told to the client that waits for a code. That an answer came a second time is told to the
    /// person instead: the client has had the first.
    fn told_to(self, request: &ClientRequest, base_url: &Url) -> Result<Url, Self> {
        let (error, code) = match &self {
            Self::Outage(_) => ("temporarily_unavailable", None),
            Self::Refused(SignInRefusal::Used) => return Err(self),
            Self::Refused(refusal) => ("access_denied", Some(refusal.code())),
        };
        request.error(base_url, error, code)
    }
}

impl<E: Into<NotSignedIn>> From<E> for Failed {
    fn from(why: E) -> Self {
        Self { why: why.into(), target: None }
    }
}

impl From<Refusal> for SignInRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Identity(refusal)
    }
}

impl From<SignInError> for NotSignedIn {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Outage(outage) => outage.into(),
            SignInError::Refused(refusal) => Self::Refused(refusal.into()),
        }
    }
}

impl From<Outage> for NotSignedIn {
    fn from(outage: Outage) -> Self {
        Self::Outage(outage.into())
    }
}

impl From<SignInRefusal> for NotSignedIn {
    fn from(refusal: SignInRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NotSealed> for NotSignedIn {
    fn from(error: NotSealed) -> Self {
        match error {
            NotSealed::Outage(outage) => outage.into(),
            NotSealed::TooLong => SignInRefusal::BadRequest.into(),
        }
    }
}
