//! The `run` space: one partition a run, in which its row, its ledger, its events and its audit chain lie.
//!
//! Each transition is one commit there, with its audit entry and its events. What else a run stands in, the
//! `open` entries, the lists and the slots, is written before the row and cleared after it: see `request.rs`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::draft::{Choice, Draft};
use super::event::{self, Event, EventPage};
use super::row::Run;
use super::state::State;
use super::step::{self, StepRecord, StepState};
use super::{RunId, result};
use crate::clock::Timestamp;
use crate::objects::Objects;
use crate::random::Random;
use crate::records::{
    Condition, Name, Outcome, Partition, Range, Records, StoreError, Table, Version, decode,
    list_all, settle,
};
use crate::tenant::TenantId;

/// How often a transition is tried again when another one wins.
pub(super) const TRIES: usize = 8;
/// The record that holds what was asked for.
pub(super) const ASKED: &str = "asked";

/// Keeps runs.
#[derive(Clone, Copy)]
pub struct Runs<'a> {
    pub(super) records: &'a dyn Records,
    pub(super) random: &'a dyn Random,
}

/// What was asked for. It never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The inputs, as the automation's schema has them.
    pub inputs: Value,
    /// Which connection of the tenant stands for which need of the automation.
    pub connections: BTreeMap<String, String>,
    /// The files among the inputs, by the input's name.
    pub files: BTreeMap<String, FileRef>,
}

/// A file among the inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its path in [`Place::Files`](crate::objects::Place::Files).
    pub object: String,
    /// What the person's machine called it.
    pub name: String,
    /// Its media type, as it was uploaded.
    pub media_type: String,
    /// How long it is.
    pub bytes: u64,
}

impl<'a> Runs<'a> {
    /// The runs in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// The run of this id in this tenant. There is no way to ask without a tenant.
    pub async fn find(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Option<Run>, StoreError> {
        Ok(self.read(tenant, id, now).await?.map(|(run, _)| run))
    }

    /// What was asked for with this run.
    pub async fn asked(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Option<Asked>, StoreError> {
        let found = self.records.get(&partition(tenant, id)?, &Name::new(ASKED)?, now).await?;
        found.map(|record| decode("request of a run", &record)).transpose()
    }

    /// At most `limit` events after a number, and where the run stands.
    pub async fn events(
        &self,
        (tenant, id): (&TenantId, &RunId),
        after: u32,
        limit: u16,
        now: Timestamp,
    ) -> Result<Option<EventPage>, StoreError> {
        let Some((run, _)) = self.read(tenant, id, now).await? else { return Ok(None) };
        let mut range = Range::prefix(Name::new(event::PREFIX)?, limit);
        range.after = Some(event::key(after)?);
        let mut events: Vec<Event> = Vec::new();
        if after < run.seq {
            // A page of the store may be short.
            while events.len() < usize::from(limit) {
                let page = self.records.list(&partition(tenant, id)?, &range, now).await?;
                for record in &page.records {
                    events.push(decode("event", record)?);
                }
                let Some(next) = page.next else { break };
                range.after = Some(next);
            }
            events.truncate(usize::from(limit));
        }
        // What came in between belongs to a later state than the one that was read.
        events.retain(|event| event.seq <= run.seq);
        Ok(Some(EventPage { events, seq: run.seq, state: run.state }))
    }

    /// The run's steps in the order in which they were first begun. While the run is uncertain, those of which
    /// nobody knows the end say so.
    pub async fn steps(&self, run: &Run, now: Timestamp) -> Result<Vec<StepRecord>, StoreError> {
        let prefix = Some(Name::new(step::PREFIX)?);
        let place = partition(&run.tenant, &run.id)?;
        let records = list_all(self.records, &place, prefix, now).await?;
        let mut steps = records.iter().map(StepRecord::decode).collect::<Result<Vec<_>, _>>()?;
        steps.sort_by_key(|step| step.number);
        if run.state == State::Uncertain {
            for step in &mut steps {
                if run.unproven.iter().any(|open| open.key == step.key) {
                    step.state = StepState::Unknown;
                }
            }
        }
        Ok(steps)
    }

    /// The run's result, wherever it lies. `None` while there is none, and once its object has expired.
    pub async fn result(
        &self,
        run: &Run,
        objects: &dyn Objects,
        now: Timestamp,
    ) -> Result<Option<Value>, StoreError> {
        result::read(self.records, objects, run, now).await
    }

    /// The entries of the run's audit chain, as the bytes over which their hashes are.
    pub async fn audit(&self, run: &Run, now: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
        let prefix = Some(Name::new("audit:")?);
        let place = partition(&run.tenant, &run.id)?;
        let records = list_all(self.records, &place, prefix, now).await?;
        Ok(records.into_iter().map(|record| record.body).collect())
    }

    /// Notes that a message about the run was sent, unless the run went on meanwhile.
    pub async fn mark_sent(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let Some((mut run, version)) = self.read(&run.tenant, &run.id, now).await? else {
            return Ok(());
        };
        if run.state == State::Queued {
            run.sent_at = Some(now);
            // Losing this race means that the run went on, which is better than being marked.
            let (commit, _) = Draft::of(run).seal(Condition::Version(version), self.random, now)?;
            let _: Outcome = settle(self.records, &commit, now).await?;
        }
        Ok(())
    }

    pub(super) async fn read(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Option<(Run, Version)>, StoreError> {
        let found = self.records.get(&partition(tenant, id)?, &Name::new("row")?, now).await?;
        found.map(|record| Ok((Run::decode(&record)?, record.version))).transpose()
    }

    /// Reads the row, lets `decide` make a transition of it, and stores that. When another transition wins, it
    /// begins anew. `None` where there is no such run.
    pub(super) async fn change<T>(
        &self,
        (tenant, id): (&TenantId, &RunId),
        now: Timestamp,
        decide: impl Fn(&mut Draft) -> Choice<T> + Send + Sync,
    ) -> Result<Option<(T, Run)>, StoreError> {
        for _ in 0..TRIES {
            let Some((run, version)) = self.read(tenant, id, now).await? else { return Ok(None) };
            let mut draft = Draft::of(run);
            let told = match decide(&mut draft) {
                Choice::Leave(told) => return Ok(Some((told, draft.run))),
                Choice::Store(told) => told,
            };
            let (commit, run) = draft.seal(Condition::Version(version), self.random, now)?;
            if settle(self.records, &commit, now).await? == Outcome::Committed {
                return Ok(Some((told, run)));
            }
        }
        Err(StoreError::Contended { what: "a run" })
    }
}

/// The partition in which everything of one run lies.
pub fn partition(tenant: &TenantId, id: &RunId) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Runs, format!("run:{tenant}:{id}"))?)
}
