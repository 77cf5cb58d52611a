//! Who somebody is, as an identity provider vouches for it.

mod facts;
mod kinds;

pub use self::facts::{Facts, Person, StoredFacts};
pub use self::kinds::KindFacts;
