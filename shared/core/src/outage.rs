//! How a port says that it could not answer. Absence is an answer; an outage never is.

use std::error::Error;
use std::fmt;

/// What an adapter's driver reported, kept for the log and never for a caller.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A dependency did not answer, or not with something that can be believed.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing}")]
pub struct Outage {
    /// What was being done, as the rest of the sentence "could not …".
    pub doing: &'static str,
    /// Whether the call may have taken effect all the same.
    pub effect: Effect,
    /// What the driver said.
    #[source]
    pub cause: Cause,
}

/// What an interrupted call has left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing was changed: the call never arrived, or was turned away whole.
    Nothing,
    /// Nobody knows: the answer was lost on its way. The caller reads before it repeats.
    Unknown,
}

impl Outage {
    /// A call that certainly changed nothing. Also right for every read.
    pub fn harmless(doing: &'static str, cause: impl Into<Cause>) -> Self {
        Self { doing, effect: Effect::Nothing, cause: cause.into() }
    }

    /// A call whose effect is not known.
    pub fn uncertain(doing: &'static str, cause: impl Into<Cause>) -> Self {
        Self { doing, effect: Effect::Unknown, cause: cause.into() }
    }
}

/// An error and everything that caused it, in one line for the log. Each error says its own part only.
pub struct Chain<'a>(pub &'a (dyn Error + 'a));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut deeper = self.0.source();
        while let Some(error) = deeper {
            write!(f, ": {error}")?;
            deeper = error.source();
        }
        Ok(())
    }
}
