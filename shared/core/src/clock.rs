//! Time, as an argument. Only the host owns a clock that asks the machine.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch, as JWT claims carry them.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn secs(self) -> u64 {
        self.0 / 1000
    }

    /// How long ago `earlier` was; nothing when it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whether this lies within the last `span` before `now`. What lies ahead does not, by more than a second:
    /// a clock that was put back must not make what is remembered look new for as long as it was wrong.
    #[must_use]
    pub const fn is_within(self, span: Duration, now: Self) -> bool {
        self.0 <= now.0.saturating_add(1000) && now.since(self).as_millis() < span.as_millis()
    }

    /// This long before; the epoch at the earliest.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(to_millis(span)))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(to_millis(span)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

fn to_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Tells the time. Handlers ask once and pass the answer on, so that one request has one now.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_by_a_clock_that_ran_ahead_is_not_fresh() {
        let (span, now) = (Duration::from_secs(5), Timestamp::from_secs(1_000));
        assert!(Timestamp::from_secs(996).is_within(span, now));
        assert!(!Timestamp::from_secs(995).is_within(span, now));
        assert!(Timestamp::from_millis(1_000_900).is_within(span, now), "another thread's now");
        assert!(!Timestamp::from_secs(1_600).is_within(span, now), "the clock was put back");
    }
}
