//! Why a process could not start or had to end, in words for whoever reads its last line.

use std::error::Error as StdError;
use std::fmt;

use gatelet_core::automation::catalog::CatalogMistakes;
use gatelet_core::outage::Chain;
use gatelet_core::registry::RegistryMistakes;

use crate::settings::Mistakes;

/// What `main` returns. Its debug form is the message itself, because that is what the runtime prints.
pub enum Error {
    /// Settings are missing or wrong.
    Settings(Mistakes),
    /// The registry is wrong, or does not fit what is around it.
    Registry {
        /// Where it lies.
        from: String,
        /// All that is wrong with it.
        mistakes: RegistryMistakes,
    },
    /// The catalog is wrong.
    Catalog {
        /// Where it lies.
        from: String,
        /// All that is wrong with it.
        mistakes: CatalogMistakes,
    },
    /// Something could not be done that serving needs.
    Start {
        /// What, as the rest of the sentence "could not …".
        doing: String,
        /// Why.
        cause: Box<dyn StdError + Send + Sync>,
        /// What whoever reads this may try.
        next: Option<String>,
    },
    /// Somebody pressed Ctrl+C before it was done.
    Interrupted,
}

impl Error {
    /// Could not do this, for that cause.
    pub fn start(
        doing: impl Into<String>,
        cause: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Start { doing: doing.into(), cause: cause.into(), next: None }
    }

    /// The same, with something to try next.
    #[must_use]
    pub fn with_next(self, next: impl Into<String>) -> Self {
        match self {
            Self::Start { doing, cause, .. } => {
                Self::Start { doing, cause, next: Some(next.into()) }
            }
            other => other,
        }
    }
}

impl From<Mistakes> for Error {
    fn from(mistakes: Mistakes) -> Self {
        Self::Settings(mistakes)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(mistakes) => write!(f, "{mistakes}"),
            Self::Registry { from, mistakes } => write!(f, "{from}: {mistakes}"),
            Self::Catalog { from, mistakes } => write!(f, "{from}: {mistakes}"),
            Self::Start { doing, cause, next } => {
                write!(f, "could not {doing}: {}", Chain(cause.as_ref()))?;
                next.as_ref().map_or(Ok(()), |next| write!(f, " ({next})"))
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {}
