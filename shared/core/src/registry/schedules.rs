//! A tenant's schedules as they are written, and what each must be.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Value;
use toml::value::{Date, Datetime, Offset, Time};

use super::form::{WrittenSchedule, WrittenTenant};
use super::{Registry, RegistryMistakes};
use crate::automation::Schedule;
use crate::automation::catalog::Catalog;
use crate::mistakes::{Notes, below, meant};

/// How often at most, and at least, something may be run by itself.
const EVERY_S: std::ops::RangeInclusive<u64> = 60..=31 * 86_400;
const DAY_S: i64 = 86_400;

/// Reads the schedules that stand at `at`. One with a mistake is left out.
pub(super) fn schedules(
    at: &str,
    tenant: &WrittenTenant,
    notes: &mut Notes,
) -> BTreeMap<String, Schedule> {
    let connections: Vec<&str> = tenant.connections.keys().map(String::as_str).collect();
    let mut found = BTreeMap::new();
    for (name, table) in &tenant.schedules {
        let place = below(at, name);
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !name.bytes().all(plain) || !(1..=40).contains(&name.len()) {
            notes.note(&place, "a name must be 1 to 40 characters of a-z 0-9 -");
        }
        let written = notes.entry(&place, &Value::Table(table.clone()));
        if let Some(schedule) =
            written.and_then(|written| schedule(&place, written, &connections, notes))
        {
            found.insert(name.clone(), schedule);
        }
    }
    found
}

impl Registry {
    /// Whether the catalog has what the schedules of this registry ask for, with every mistake and its line in the
    /// text that the registry was read from.
    pub fn check_schedules(&self, catalog: &Catalog, text: &str) -> Result<(), RegistryMistakes> {
        let mut notes = Notes::default();
        let names: Vec<&str> = catalog.iter().map(|one| one.name.as_str()).collect();
        for tenant in self.tenants.values() {
            for (name, schedule) in &tenant.schedules {
                let place = format!("tenants.{}.schedules.{name}", tenant.id);
                let Some(automation) = catalog.get(&schedule.automation) else {
                    let meant = meant(&schedule.automation, &names);
                    let problem =
                        format!("there is no automation {:?}{meant}", schedule.automation);
                    notes.note(below(&place, "automation"), problem);
                    continue;
                };
                if schedule.rhythm(automation).is_none() {
                    let problem = "missing; the automation does not say how often either";
                    notes.note(below(&place, "every_s"), problem);
                }
                for mistake in schedule.mistakes(automation, &tenant.connections) {
                    notes.note(
                        format!("{place}{}", mistake.pointer.replace('/', ".")),
                        mistake.message,
                    );
                }
            }
        }
        if notes.0.is_empty() { Ok(()) } else { Err(RegistryMistakes(notes.located(text))) }
    }
}

fn schedule(
    place: &str,
    written: WrittenSchedule,
    connections: &[&str],
    notes: &mut Notes,
) -> Option<Schedule> {
    let WrittenSchedule { automation, every_s, at, inputs, connections: chosen } = written;
    if every_s.is_some_and(|every_s| !EVERY_S.contains(&every_s)) {
        let (least, most) = (EVERY_S.start(), EVERY_S.end());
        let problem = format!("must be a whole number from {least} to {most}");
        notes.note(below(place, "every_s"), problem);
    }
    for (need, name) in chosen.iter().filter(|(_, name)| !connections.contains(&name.as_str())) {
        let problem = format!("the tenant has no connection {name:?}{}", meant(name, connections));
        notes.note(below(&below(place, "connections"), need), problem);
    }
    let at = at.map_or(Some(Duration::ZERO), |at| moment(at.parse().ok()?));
    if at.is_none() {
        let problem = "must be a time of UTC such as 02:30:00, or a moment with its offset such as \
                       2026-11-23T02:30:00Z";
        notes.note(below(place, "at"), problem);
    }
    Some(Schedule {
        automation,
        every: every_s.map(Duration::from_secs),
        at: at?,
        inputs: serde_json::to_value(inputs).ok()?,
        connections: chosen,
    })
}

/// The time since 1970 of a moment, or of a time of the first day then. What lacks an offset is nobody's moment.
fn moment(at: Datetime) -> Option<Duration> {
    let Datetime { date, time, offset } = at;
    let Time { hour, minute, second, .. } = time?;
    let time = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second.unwrap_or(0));
    let seconds = match (date, offset) {
        (None, None) => time,
        (Some(date), Some(Offset::Z)) => days(date) * DAY_S + time,
        (Some(date), Some(Offset::Custom { minutes })) => {
            days(date) * DAY_S + time - i64::from(minutes) * 60
        }
        (Some(_), None) | (None, Some(_)) => return None,
    };
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// How many days lie between 1970-01-01 and a day, by the Gregorian calendar. Years are counted from March on, so
/// that the leap day comes last.
fn days(Date { year, month, day }: Date) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let from_march = (month + 9) % 12;
    let year = year - i64::from(month < 3);
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    before + (from_march * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_time_since_1970_whatever_its_offset() {
        for (text, seconds) in [
            ("02:30:00", 9_000),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2000-03-01T00:00:00+01:00", 951_865_200),
            ("2026-11-23T02:30:00Z", 1_795_401_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            let at: Datetime = text.parse().unwrap();
            assert_eq!(moment(at), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["2026-11-23", "2026-11-23T02:30:00", "1969-12-31T00:00:00Z"] {
            assert_eq!(moment(text.parse().unwrap()), None, "{text}");
        }
    }
}
