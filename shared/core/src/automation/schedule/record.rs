//! The `schedule` space: up to which moment a schedule was looked after, and which run that came to.

use serde::{Deserialize, Serialize};

use super::Rhythm;
use crate::automation::RunId;
use crate::clock::Timestamp;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Table, Version, decode,
    encode, settle,
};
use crate::tenant::TenantId;

/// Keeps the notes of one schedule.
pub(super) struct ScheduleNotes<'a> {
    pub(super) records: &'a dyn Records,
    pub(super) random: &'a dyn Random,
    pub(super) tenant: &'a TenantId,
    pub(super) name: &'a str,
}

/// Where a schedule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// How often it was due when this was written. A schedule that was changed begins anew.
    pub(super) rhythm: Rhythm,
    /// Up to which moment it was looked after.
    pub(super) tick: Timestamp,
    /// The run of the latest moment that began one.
    pub(super) run: Option<RunId>,
    /// Whether that run was asked for. Until it was, somebody may have died who was about to.
    pub(super) is_asked: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    every_s: u64,
    offset_s: u64,
    tick_s: u64,
    run: Option<String>,
    is_asked: bool,
}

impl ScheduleNotes<'_> {
    /// What is noted, if anything is.
    pub(super) async fn read(&self, now: Timestamp) -> Result<Option<(Note, Version)>, StoreError> {
        let (place, key) = self.place()?;
        let Some(record) = self.records.get(&place, &key, now).await? else { return Ok(None) };
        let stored: Stored = decode("schedule", &record)?;
        let run = stored.run.map(RunId::new).transpose();
        let note = Note {
            rhythm: Rhythm { every_s: stored.every_s, offset_s: stored.offset_s },
            tick: Timestamp::from_secs(stored.tick_s),
            run: run.map_err(|error| StoreError::unreadable("schedule", error))?,
            is_asked: stored.is_asked,
        };
        Ok(Some((note, record.version)))
    }

    /// Notes something in place of that version, or of nothing, and tells the new version. `None` when somebody else
    /// was faster.
    pub(super) async fn write(
        &self,
        note: &Note,
        condition: Condition,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        let (place, key) = self.place()?;
        let stored = Stored {
            v: 1,
            every_s: note.rhythm.every_s,
            offset_s: note.rhythm.offset_s,
            tick_s: note.tick.secs(),
            run: note.run.as_ref().map(ToString::to_string),
            is_asked: note.is_asked,
        };
        let body = encode("schedule", &stored)?;
        let commit = Commit::new(place, self.random).put(key, condition, body, None)?;
        let outcome = settle(self.records, &commit, now).await?;
        Ok((outcome == Outcome::Committed).then(|| commit.version()))
    }

    fn place(&self) -> Result<(Partition, Name), StoreError> {
        let place = Partition::new(Table::Runs, format!("schedule:{}", self.tenant))?;
        Ok((place, Name::new(self.name)?))
    }
}
