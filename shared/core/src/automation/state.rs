//! Where a run can stand, and how long a lease holds.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long a lease holds without a heartbeat.
pub const LEASE: Duration = Duration::from_mins(1);
/// How often the holder of a lease says that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(20);
/// How far clocks of two machines may differ before a lease counts as lost.
pub const SKEW: Duration = Duration::from_secs(5);

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker holds it and makes ready.
    Leased,
    /// Its script runs.
    Running,
    /// Its worker was lost, and the credential that the worker had has not ended yet.
    Recovering,
    /// Nobody can tell whether a step took effect. A person decides.
    Uncertain,
    /// It did what it was asked to do.
    Succeeded,
    /// It could not do that, and says why.
    Failed,
    /// A person ended it.
    Cancelled,
    /// It took too long.
    TimedOut,
    /// Its attempts are used up, and none of them came to an end of its own.
    Poisoned,
}

impl State {
    /// Every state, in the order of a run's life.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Leased,
        Self::Running,
        Self::Recovering,
        Self::Uncertain,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOut,
        Self::Poisoned,
    ];

    /// Its name, as the API and the store spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Running => "running",
            Self::Recovering => "recovering",
            Self::Uncertain => "uncertain",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Poisoned => "poisoned",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing follows.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Cancelled | Self::TimedOut | Self::Poisoned
        )
    }

    /// Whether a worker holds the run.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Leased | Self::Running)
    }

    /// Whether the run takes up one of its automation's slots: it goes on, or will by itself.
    #[must_use]
    pub const fn goes_on(self) -> bool {
        !self.is_final() && !matches!(self, Self::Uncertain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_found_by_the_name_under_which_it_is_stored() {
        for state in State::ALL {
            assert_eq!(State::named(state.name()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        assert_eq!(State::named("pending"), None);
    }
}
