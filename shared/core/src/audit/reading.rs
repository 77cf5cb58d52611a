//! Reading the trail of a tenant, newest first, across the hours in which it lies.

use serde_json::Value;

use super::trail::partition;
use crate::clock::Timestamp;
use crate::records::{Name, Records, StoreError, list_all};
use crate::tenant::TenantId;

/// How many entries a page has at most, unless one hour has more.
const PAGE: usize = 100;
/// How many hours are looked through for one page: an hour without entries costs a read too.
const HOURS: u64 = 48;

/// Which part of a trail is read.
#[derive(Clone, Debug)]
pub struct TrailSpan {
    /// Nothing older than this.
    pub from: Timestamp,
    /// Nothing newer than this.
    pub to: Timestamp,
    /// Where the page before ended, as it said.
    pub cursor: Option<String>,
}

/// A part of a trail, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailPage {
    /// The entries as they were written.
    pub entries: Vec<Value>,
    /// Where to go on. A page may be empty and name a next one.
    pub next: Option<String>,
}

/// Reads a page. `None` when the cursor is none of ours.
pub async fn read_trail(
    records: &dyn Records,
    tenant: &TenantId,
    span: &TrailSpan,
    now: Timestamp,
) -> Result<Option<TrailPage>, StoreError> {
    let first = span.to.secs() / 3600;
    let (mut hour, mut below) = match span.cursor.as_deref().map(read_cursor) {
        None => (first, None),
        Some(Some((hour, _))) if hour > first => return Ok(None),
        Some(Some((hour, key))) => (hour, Some(key)),
        Some(None) => return Ok(None),
    };
    let last = span.from.secs() / 3600;
    let mut entries = Vec::new();
    for _ in 0..HOURS {
        if hour < last {
            return Ok(Some(TrailPage { entries, next: None }));
        }
        let at = Timestamp::from_secs(hour * 3600);
        let found = list_all(records, &partition(tenant, at)?, None, now).await?;
        for record in found.iter().rev() {
            if below.as_ref().is_some_and(|below| record.key >= *below) {
                continue;
            }
            let entry: Value = serde_json::from_slice(&record.body)
                .map_err(|error| StoreError::unreadable("trail entry", error))?;
            let at = entry.get("at_ms").and_then(Value::as_u64).map(Timestamp::from_millis);
            if at.is_some_and(|at| at < span.from || at > span.to) {
                continue;
            }
            entries.push(entry);
            if entries.len() == PAGE {
                let next = Some(format!("{hour}.{}", record.key));
                return Ok(Some(TrailPage { entries, next }));
            }
        }
        below = None;
        match hour.checked_sub(1) {
            Some(before) => hour = before,
            None => return Ok(Some(TrailPage { entries, next: None })),
        }
    }
    // A key that is after all of that hour.
    let next = (hour >= last).then(|| format!("{hour}.~"));
    Ok(Some(TrailPage { entries, next }))
}

fn read_cursor(text: &str) -> Option<(u64, Name)> {
    let (hour, key) = text.split_once('.')?;
    Some((hour.parse().ok()?, Name::new(key).ok()?))
}
