//! The `mark` space: things that may be used once.

use crate::clock::Timestamp;
use crate::digest::{hex_digest_of, spread};
use crate::random::Random;
use crate::records::{Commit, Condition, Name, Outcome, Records, StoreError, settle};

/// Keeps marks of what was used.
pub struct Marks<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// What kind of thing is used once. The same value of two kinds makes two marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// The `state` of a sign-in.
    State,
    /// The question in which tenant somebody wants to act.
    Choice,
    /// The `jti` of a token that proves something to us.
    Jti,
    /// An authorization code that we issued.
    Code,
}

impl MarkKind {
    const fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Choice => "choice",
            Self::Jti => "jti",
            Self::Code => "code",
        }
    }
}

impl<'a> Marks<'a> {
    /// The marks in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Uses a value up until `until`, when it is worthless anyway. True for exactly one caller, also when
    /// that caller's answer was lost on the way and had to be looked up.
    pub async fn spend(
        &self,
        kind: MarkKind,
        value: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let digest = hex_digest_of(&["mark", kind.name(), value]);
        let commit = Commit::new(spread("mark", &digest)?, self.random).put(
            Name::new(digest)?,
            Condition::Absent,
            Vec::new(),
            Some(until + super::GRACE),
        )?;
        Ok(settle(self.records, &commit, now).await? == Outcome::Committed)
    }
}
