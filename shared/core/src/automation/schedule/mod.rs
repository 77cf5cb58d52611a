//! Schedules: what a tenant's registry says is to be run by itself, and when the next time is.

mod record;
mod start;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

pub use self::start::{Scheduled, start_due};
use super::asking::Wanted;
use super::catalog::{Automation, InputMistake};
use crate::clock::Timestamp;
use crate::connection::Connection;

/// What is run by itself, as the registry says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The automation.
    pub automation: String,
    /// How often. `None` leaves it to the automation.
    pub every: Option<Duration>,
    /// One moment at which it is due, as the time since 1970: the others lie whole intervals from it.
    pub at: Duration,
    /// The inputs, as the automation's schema has them.
    pub inputs: Value,
    /// Which connection of the tenant stands for which need of the automation.
    pub connections: BTreeMap<String, String>,
}

impl Schedule {
    /// When it is due, where either it or its automation says how often.
    #[must_use]
    pub fn rhythm(&self, automation: &Automation) -> Option<Rhythm> {
        Rhythm::new(self.every.or(automation.schedule)?, self.at)
    }

    /// Everything that is wrong with it for its automation, each with a pointer into what it asks. A file is never
    /// among what a schedule asks: an upload does not stay.
    #[must_use]
    pub fn mistakes(
        &self,
        automation: &Automation,
        connections: &BTreeMap<String, Connection>,
    ) -> Vec<InputMistake> {
        let mut found = automation.check_form(&self.wanted(), connections);
        for file in automation.file_inputs() {
            if self.inputs.get(file.name).is_some() {
                let message = "A schedule cannot give a file: an upload does not stay".to_owned();
                let pointer = format!("/inputs/{}", file.name);
                found.push(InputMistake { pointer, code: "file", message });
            }
        }
        found
    }

    fn wanted(&self) -> Wanted {
        Wanted { inputs: self.inputs.clone(), connections: self.connections.clone() }
    }
}

/// Moments that lie equally far apart, in whole seconds of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    every_s: u64,
    offset_s: u64,
}

impl Rhythm {
    /// Every so often, and among others at this time since 1970. `None` when it is less than a second.
    #[must_use]
    pub fn new(every: Duration, at: Duration) -> Option<Self> {
        let every_s = every.as_secs();
        let offset_s = at.as_secs().checked_rem(every_s)?;
        Some(Self { every_s, offset_s })
    }

    /// How far apart they lie.
    #[must_use]
    pub const fn every(self) -> Duration {
        Duration::from_secs(self.every_s)
    }

    /// The latest moment that has come.
    #[must_use]
    pub fn latest(self, now: Timestamp) -> Timestamp {
        let since = now.secs().saturating_sub(self.offset_s);
        Timestamp::from_secs(self.offset_s + since / self.every_s * self.every_s)
    }

    /// The first moment that has not come yet.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Timestamp {
        self.latest(now) + self.every()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_whole_intervals_from_the_one_that_is_named() {
        let (day, half_past_two) = (Duration::from_hours(24), Duration::from_mins(150));
        let rhythm = Rhythm::new(day, day * 400 + half_past_two).unwrap();
        let at = |days: u32, minutes: u64| {
            Timestamp::from_millis(0) + day * days + Duration::from_mins(minutes)
        };
        for (now, latest, next) in [
            (at(20, 150), at(20, 150), at(21, 150)),
            (at(20, 149), at(19, 150), at(20, 150)),
            (at(20, 151), at(20, 150), at(21, 150)),
        ] {
            assert_eq!((rhythm.latest(now), rhythm.next(now)), (latest, next), "{now}");
        }
        assert_eq!(Rhythm::new(Duration::from_millis(900), day), None);
    }
}
