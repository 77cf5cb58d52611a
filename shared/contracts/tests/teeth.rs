//! The contract of records has teeth: a store in memory keeps it, and each way of breaking that store is
//! noticed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gatelet_contracts::records::{Stage, races, records_contract};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Condition, MAX_BODY_BYTES, Name, Outcome, Page, Partition, Purged, Range, Record,
    Records, Table, Version, Write,
};

/// One promise that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    GetsTheDead,
    ListsTheDead,
    LivesOneMillisecondLonger,
    AbsentMeansNothingThere,
    TakesTheDeadForLive,
    IgnoresExpectations,
    IgnoresVersionsOfDeletes,
    RewritesWhatIsExpected,
    WritesBeforeItChecks,
    ChecksBeforeItWaits,
    ExpectsBeforeItWaits,
    VersionPerRecord,
    KeepsTheFirstExpiry,
    CutsLargeBodies,
    ReadsBodiesAsText,
    MixesTables,
    ForgetsCase,
    ListsTheKeyItBeginsAfter,
    IgnoresPrefixes,
    EndsAtAThousand,
    PurgesWhatWasRevived,
    LosesTenWrites,
}

const FLAWS: [Flaw; 22] = [
    Flaw::GetsTheDead,
    Flaw::ListsTheDead,
    Flaw::LivesOneMillisecondLonger,
    Flaw::AbsentMeansNothingThere,
    Flaw::TakesTheDeadForLive,
    Flaw::IgnoresExpectations,
    Flaw::IgnoresVersionsOfDeletes,
    Flaw::RewritesWhatIsExpected,
    Flaw::WritesBeforeItChecks,
    Flaw::ChecksBeforeItWaits,
    Flaw::ExpectsBeforeItWaits,
    Flaw::VersionPerRecord,
    Flaw::KeepsTheFirstExpiry,
    Flaw::CutsLargeBodies,
    Flaw::ReadsBodiesAsText,
    Flaw::MixesTables,
    Flaw::ForgetsCase,
    Flaw::ListsTheKeyItBeginsAfter,
    Flaw::IgnoresPrefixes,
    Flaw::EndsAtAThousand,
    Flaw::PurgesWhatWasRevived,
    Flaw::LosesTenWrites,
];

#[tokio::test]
async fn a_store_in_memory_keeps_the_contract() {
    records_contract(Arc::new(Memory::with(Flaw::None))).await;
}

#[tokio::test]
async fn every_flaw_is_noticed() {
    for flaw in FLAWS {
        let contract = tokio::spawn(records_contract(Arc::new(Memory::with(flaw))));
        let end = contract.await;
        assert!(end.is_err_and(|error| error.is_panic()), "{flaw:?} was not noticed");
    }
}

#[tokio::test]
async fn each_race_of_expectations_notices_one_that_is_checked_too_early() {
    for clause in [0, 1] {
        let race = tokio::spawn(async move {
            let stage = Stage::new(Arc::new(Memory::with(Flaw::ExpectsBeforeItWaits)));
            if clause == 0 {
                races::crossed_expectations_let_one_pass(&stage).await;
            } else {
                races::a_fence_keeps_late_steps_out(&stage).await;
            }
        });
        assert!(race.await.is_err_and(|error| error.is_panic()), "clause {clause}");
    }
}

type Place = (Table, String, String);
type Rows = BTreeMap<Place, Record>;

struct Memory {
    flaw: Flaw,
    rows: Mutex<Rows>,
}

impl Memory {
    const fn with(flaw: Flaw) -> Self {
        Self { flaw, rows: Mutex::new(BTreeMap::new()) }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn place(&self, partition: &Partition, key: &Name) -> Place {
        let table = if self.has(Flaw::MixesTables) { Table::Runs } else { partition.table() };
        let key = key.to_string();
        let key = if self.has(Flaw::ForgetsCase) { key.to_lowercase() } else { key };
        (table, partition.name().to_string(), key)
    }

    fn live(&self, record: &Record, now: Timestamp) -> bool {
        let longer = u64::from(self.has(Flaw::LivesOneMillisecondLonger));
        record.is_live(Timestamp::from_millis(now.millis() - longer))
    }

    fn holds(&self, write: &Write, found: Option<&Record>, now: Timestamp) -> bool {
        let live = found.filter(|r| self.has(Flaw::TakesTheDeadForLive) || self.live(r, now));
        let version = live.map(|record| record.version);
        match write {
            Write::Put { condition: Condition::Absent, .. } => {
                if self.has(Flaw::AbsentMeansNothingThere) {
                    found.is_none()
                } else {
                    found.is_none_or(|record| !self.live(record, now))
                }
            }
            Write::Put { condition: Condition::Anything, .. }
            | Write::Delete { version: None, .. } => true,
            Write::Put { condition: Condition::Version(wanted), .. } => version == Some(*wanted),
            Write::Delete { version: Some(wanted), .. } => {
                self.has(Flaw::IgnoresVersionsOfDeletes) || version == Some(*wanted)
            }
            Write::Expect { version: wanted, .. } => {
                self.has(Flaw::IgnoresExpectations) || version == Some(*wanted)
            }
        }
    }

    fn is_early(&self, write: &Write) -> bool {
        let expects = matches!(write, Write::Expect { .. });
        self.has(Flaw::ChecksBeforeItWaits) || self.has(Flaw::ExpectsBeforeItWaits) && expects
    }

    fn check_early(&self, commit: &Commit, now: Timestamp) -> bool {
        let rows = self.rows.lock().unwrap();
        commit.writes().iter().filter(|write| self.is_early(write)).all(|write| {
            let found = rows.get(&self.place(commit.partition(), write.key()));
            self.holds(write, found, now)
        })
    }

    fn expired(&self, before: Timestamp) -> Vec<Place> {
        let rows = self.rows.lock().unwrap();
        rows.iter().filter(|(_, r)| !r.is_live(before)).map(|(place, _)| place.clone()).collect()
    }

    fn write(&self, rows: &mut Rows, commit: &Commit, write: &Write, number: usize) {
        let place = self.place(commit.partition(), write.key());
        match write {
            Write::Put { key, body, expires_at, .. } => {
                let mut record = Record {
                    key: key.clone(),
                    version: commit.version(),
                    expires_at: *expires_at,
                    body: body.clone(),
                };
                self.spoil(&mut record, rows.get(&place), number);
                rows.insert(place, record);
            }
            Write::Delete { .. } => {
                rows.remove(&place);
            }
            Write::Expect { .. } => {
                if let Some(record) = rows.get_mut(&place)
                    && self.has(Flaw::RewritesWhatIsExpected)
                {
                    record.version = commit.version();
                }
            }
        }
    }

    fn spoil(&self, record: &mut Record, before: Option<&Record>, number: usize) {
        if self.has(Flaw::VersionPerRecord) && number > 0 {
            record.version = Version::from_bytes([u8::try_from(number).unwrap(); 16]);
        }
        if self.has(Flaw::KeepsTheFirstExpiry) {
            record.expires_at = before.map_or(record.expires_at, |before| before.expires_at);
        }
        if self.has(Flaw::CutsLargeBodies) {
            record.body.truncate(MAX_BODY_BYTES - 1);
        }
        if self.has(Flaw::ReadsBodiesAsText) {
            record.body = String::from_utf8_lossy(&record.body).into_owned().into();
        }
    }
}

#[async_trait]
impl Records for Memory {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        let found = self.rows.lock().unwrap().get(&self.place(partition, key)).cloned();
        Ok(found.filter(|record| self.has(Flaw::GetsTheDead) || self.live(record, now)))
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        let after = range.after.as_ref().map_or("", Name::as_str);
        let prefix = range.prefix.as_ref().map_or("", Name::as_str);
        let prefix = if self.has(Flaw::IgnoresPrefixes) { "" } else { prefix };
        let inclusive = self.has(Flaw::ListsTheKeyItBeginsAfter);
        let limit = usize::from(range.limit.max(1));
        let rows = self.rows.lock().unwrap();
        let table = if self.has(Flaw::MixesTables) { Table::Runs } else { partition.table() };
        let begin = (table, partition.name().to_string(), after.to_owned());
        let mut found = rows
            .range(begin..)
            .take_while(|((t, p, _), _)| *t == table && p == partition.name().as_str())
            .filter(|((_, _, key), _)| inclusive || after.is_empty() || key != after)
            .filter(|((_, _, key), _)| key.starts_with(prefix))
            .map(|(_, record)| record)
            .filter(|record| self.has(Flaw::ListsTheDead) || self.live(record, now));
        let records: Vec<Record> = found.by_ref().take(limit.min(1000)).cloned().collect();
        let mut next = found.next().and(records.last()).map(|record| record.key.clone());
        if self.has(Flaw::EndsAtAThousand) && records.len() == 1000 {
            next = None;
        }
        Ok(Page { records, next })
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        if self.has(Flaw::ChecksBeforeItWaits) || self.has(Flaw::ExpectsBeforeItWaits) {
            let held = self.check_early(commit, now);
            tokio::task::yield_now().await;
            if !held {
                return Ok(Outcome::Conflict);
            }
        }
        let mut rows = self.rows.lock().unwrap();
        for (number, write) in commit.writes().iter().enumerate() {
            let found = rows.get(&self.place(commit.partition(), write.key()));
            if !self.is_early(write) && !self.holds(write, found, now) {
                return Ok(Outcome::Conflict);
            }
            if self.has(Flaw::WritesBeforeItChecks) {
                self.write(&mut rows, commit, write, number);
            }
        }
        let kept = if self.has(Flaw::LosesTenWrites) { 15 } else { commit.writes().len() };
        for (number, write) in commit.writes().iter().take(kept).enumerate() {
            self.write(&mut rows, commit, write, number);
        }
        Ok(Outcome::Committed)
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let mut doomed = self.expired(before);
        doomed.truncate(budget);
        if self.has(Flaw::PurgesWhatWasRevived) {
            tokio::task::yield_now().await;
        }
        // On the one thread of these tests nothing happens in between unless we wait.
        let mut rows = self.rows.lock().unwrap();
        for place in &doomed {
            rows.remove(place);
        }
        Ok(Purged { deleted: doomed.len(), more: doomed.len() == budget })
    }
}
