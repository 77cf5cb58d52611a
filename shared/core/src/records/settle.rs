//! Finds out how a commit ended when its answer was lost.

use super::{Commit, Outcome, Records, Write};
use crate::clock::Timestamp;
use crate::outage::{Effect, Outage};

/// Commits, and when the outcome is unknown, reads a record that the commit put and, if it is not there,
/// sends the very same commit once more. The same version makes that harmless: whichever of the two
/// arrives, the record tells. A commit that puts nothing cannot be told apart and stays unknown.
pub async fn settle(
    records: &dyn Records,
    commit: &Commit,
    now: Timestamp,
) -> Result<Outcome, Outage> {
    let lost = match records.commit(commit, now).await {
        Err(outage) if outage.effect == Effect::Unknown => outage,
        other => return other,
    };
    if has_arrived(records, commit, now).await? {
        return Ok(Outcome::Committed);
    }
    match records.commit(commit, now).await? {
        Outcome::Committed => Ok(Outcome::Committed),
        Outcome::Conflict if has_arrived(records, commit, now).await? => Ok(Outcome::Committed),
        // The first sending may have been applied and overwritten since: nobody can tell any more.
        Outcome::Conflict => Err(lost),
    }
}

/// Whether a commit has arrived, by the first record that it put. Only certain where nobody writes that again.
pub(crate) async fn has_arrived(
    records: &dyn Records,
    commit: &Commit,
    now: Timestamp,
) -> Result<bool, Outage> {
    let put = commit.writes().iter().find(|write| matches!(write, Write::Put { .. }));
    let Some(write) = put else { return Ok(false) };
    let found = records
        .get(commit.partition(), write.key(), now)
        .await
        .map_err(|outage| Outage { effect: Effect::Unknown, ..outage })?;
    Ok(found.is_some_and(|record| record.version == commit.version()))
}
