//! Who somebody is, as an identity provider vouches for it.

mod admission;
mod claims;
mod client_auth;
mod exchange;
mod facts;
mod id_token;
mod issuer;
mod kept;
mod key_set;
mod kinds;
mod metadata;
mod refusal;
mod token_endpoint;

pub use self::admission::{Admission, admission, admissions};
pub(crate) use self::client_auth::{private_key, signed};
pub use self::exchange::{Answered, Asked, Identity, Leaving, Redeemed};
pub use self::facts::{Facts, Person, StoredFacts};
pub use self::kept::RememberedProviders;
pub use self::kinds::KindFacts;
pub use self::refusal::{Refusal, SignInError};
