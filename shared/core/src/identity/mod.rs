//! Who somebody is, as an identity provider vouches for it.

mod admission;
mod exchange;
mod facts;
mod issuer;
mod kinds;
mod refusal;

pub use self::admission::{Admission, admission, admissions};
pub use self::exchange::{Answered, Asked, Identity, Leaving, Redeemed};
pub use self::facts::{Facts, Person, StoredFacts};
pub use self::kinds::KindFacts;
pub use self::refusal::{Refusal, SignInError};
