//! The `run list` space: which runs a tenant asked for, newest first. It holds only what never changes.

use super::RunId;
use crate::clock::Timestamp;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Range, Records, StoreError, Table, settle,
};
use crate::tenant::TenantId;

/// The largest time that fits into the 48 bits of a key.
const END_OF_TIME: u64 = 0xffff_ffff_ffff;
/// Lists are cut into spans of 30 days, so that no partition grows for ever.
const SPAN_S: u64 = 30 * 24 * 3600;
/// So many spans before the present one are listed.
const SPANS: u64 = 13;

/// Keeps the lists.
pub struct ListedRuns<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

impl<'a> ListedRuns<'a> {
    /// The lists in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Enters a run. Entering it again with the same time changes nothing that a reader sees.
    pub async fn enter(
        &self,
        tenant: &TenantId,
        id: &RunId,
        requested_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let inverted = END_OF_TIME.saturating_sub(requested_at.millis());
        let key = Name::new(format!("{inverted:012x}:{id}"))?;
        let commit = Commit::new(partition(tenant, span(requested_at))?, self.random).put(
            key,
            Condition::Anything,
            Vec::new(),
            None,
        )?;
        let _: Outcome = settle(self.records, &commit, now).await?;
        Ok(())
    }

    /// The newest runs, or those after a page. An id may lack a row: its request was interrupted, and readers skip
    /// it. `None` when there is no such cursor.
    pub async fn page(
        &self,
        tenant: &TenantId,
        cursor: Option<&str>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Option<ListedPage>, StoreError> {
        let latest = span(now);
        let Some((mut span, mut after)) = read_cursor(cursor, latest) else { return Ok(None) };
        let oldest = latest.saturating_sub(SPANS);
        let mut page = ListedPage::default();
        let limit = usize::from(limit.max(1));
        while span >= oldest {
            let left = u16::try_from(limit - page.ids.len()).unwrap_or(u16::MAX);
            let range = Range { prefix: None, after: after.take(), limit: left };
            let found = self.records.list(&partition(tenant, span)?, &range, now).await?;
            for record in &found.records {
                page.ids.push(id_of(&record.key)?);
            }
            let last = found.records.last().map(|record| record.key.clone());
            if page.ids.len() >= limit {
                page.next = last.map(|key| format!("{span}.{key}"));
                return Ok(Some(page));
            }
            match (found.next, span.checked_sub(1)) {
                (Some(next), _) => after = Some(next),
                (None, Some(before)) => span = before,
                (None, None) => break,
            }
        }
        Ok(Some(page))
    }
}

/// A part of a tenant's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPage {
    /// The runs, newest first.
    pub ids: Vec<RunId>,
    /// The cursor of the next page, if there may be one.
    pub next: Option<String>,
}

/// Where a page begins: in which span, and after which key.
fn read_cursor(cursor: Option<&str>, latest: u64) -> Option<(u64, Option<Name>)> {
    let Some(cursor) = cursor else { return Some((latest, None)) };
    let (span, key) = cursor.split_once('.')?;
    let span: u64 = span.parse().ok().filter(|span| *span <= latest)?;
    Some((span, Some(Name::new(key).ok()?)))
}

fn id_of(key: &Name) -> Result<RunId, StoreError> {
    let (_, id) = key.as_str().split_once(':').unwrap_or_default();
    RunId::new(id).map_err(|error| StoreError::unreadable("run list entry", error))
}

fn span(at: Timestamp) -> u64 {
    at.secs() / SPAN_S
}

fn partition(tenant: &TenantId, span: u64) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Runs, format!("runs:{tenant}:{span}"))?)
}
