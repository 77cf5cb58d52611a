//! The machine's clock. Nothing else asks it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatelet_core::clock::{Clock, Timestamp};

/// Tells the machine's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that asks the machine")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 reads as 1970, where every session and lease is long over or not yet begun.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
