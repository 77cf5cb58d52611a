//! The `run`, `run list` and `open` spaces: asking for a run, claiming it, and ending it.
//!
//! Order of a request: the `open` entry (which fixes the time), the list entry, the row. What stops in
//! between leaves an entry without a row, which readers skip and the sweep removes. Every later transition
//! is one commit to the run's own partition, with its audit entry in it.

use super::open::OpenRuns;
use super::state::{LEASE, Run, SKEW, State};
use super::{ListedRuns, RunId};
use crate::audit::{Actor, ChainHead, Entry};
use crate::clock::Timestamp;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Table, Version, settle,
};
use crate::tenant::TenantId;

/// How often a transition is tried again when another one wins.
const TRIES: usize = 8;

/// Keeps runs.
pub struct Runs<'a> {
    records: &'a dyn Records,
    random: &'a dyn Random,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who asks.
    pub actor: Actor,
    /// Under which id: see [`RunId::derive`].
    pub id: RunId,
    /// For which automation.
    pub automation: String,
    /// A digest of everything asked.
    pub fingerprint: String,
    /// The `traceparent` of the request.
    pub traceparent: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// The run exists since this call.
    New(Run),
    /// The same was asked for before.
    Before(Run),
    /// Something else was asked for before under the same key.
    Mismatch,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller holds the run under its fence.
    Granted(Box<Run>),
    /// Somebody else holds it.
    Held,
    /// It has ended.
    Over,
    /// There is no such run.
    Unknown,
}

impl<'a> Runs<'a> {
    /// The runs in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Asks for a run, once for each id however often it is called.
    pub async fn request(
        &self,
        request: &RunRequest,
        now: Timestamp,
    ) -> Result<Requested, StoreError> {
        if let Some((run, _)) = self.read(&request.tenant, &request.id, now).await? {
            return Ok(known(run, request));
        }
        let open = OpenRuns::new(self.records, self.random);
        let requested_at = open.enter(&request.tenant, &request.id, now).await?;
        ListedRuns::new(self.records, self.random)
            .enter(&request.tenant, &request.id, requested_at, now)
            .await?;
        let run = Run {
            tenant: request.tenant.clone(),
            id: request.id.clone(),
            automation: request.automation.clone(),
            fingerprint: request.fingerprint.clone(),
            requested_at,
            state: State::Queued,
            fence: 0,
            sent_at: None,
            traceparent: request.traceparent.clone(),
            audit: ChainHead::default(),
        };
        let entry = entry(&run, request.actor.clone(), "run.request", "ok");
        match self.store(&run, Condition::Absent, Some(&entry), now).await? {
            Some(run) => Ok(Requested::New(run)),
            None => match self.read(&request.tenant, &request.id, now).await? {
                Some((run, _)) => Ok(known(run, request)),
                None => Err(StoreError::Contended { what: "a new run" }),
            },
        }
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

    /// Notes that a message about the run was sent, unless the run went on meanwhile.
    pub async fn mark_sent(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let Some((mut run, version)) = self.read(&run.tenant, &run.id, now).await? else {
            return Ok(());
        };
        if run.state == State::Queued {
            run.sent_at = Some(now);
            // Losing this race means that the run was claimed, which is better than being marked.
            self.store(&run, Condition::Version(version), None, now).await?;
        }
        Ok(())
    }

    /// Claims a queued run, or one whose holder has lost its lease, under the next fence.
    pub async fn claim(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        for _ in 0..TRIES {
            let Some((mut run, version)) = self.read(tenant, id, now).await? else {
                return Ok(Claim::Unknown);
            };
            match run.state {
                State::Succeeded | State::Failed { .. } => return Ok(Claim::Over),
                State::Leased { until_ms } if Timestamp::from_millis(until_ms) + SKEW > now => {
                    return Ok(Claim::Held);
                }
                State::Queued | State::Leased { .. } => {}
            }
            run.fence = run.fence.saturating_add(1);
            run.state = State::Leased { until_ms: (now + LEASE).millis() };
            let entry = entry(&run, Actor::System("work-automation"), "run.claim", "ok");
            let condition = Condition::Version(version);
            if let Some(run) = self.store(&run, condition, Some(&entry), now).await? {
                return Ok(Claim::Granted(Box::new(run)));
            }
        }
        Err(StoreError::Contended { what: "a run" })
    }

    /// Ends a run that the caller holds. False when it was taken over meanwhile: nothing is changed then.
    pub async fn finish(
        &self,
        held: &Run,
        ending: State,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let Some((mut run, version)) = self.read(&held.tenant, &held.id, now).await? else {
                return Ok(false);
            };
            if run.fence != held.fence || run.state.is_final() {
                return Ok(false);
            }
            let outcome = match &ending {
                State::Failed { code } => code.clone(),
                _ => "ok".into(),
            };
            run.state = ending.clone();
            let entry = entry(&run, Actor::System("work-automation"), "run.finish", &outcome);
            let condition = Condition::Version(version);
            if self.store(&run, condition, Some(&entry), now).await?.is_some() {
                return Ok(true);
            }
        }
        Err(StoreError::Contended { what: "a run" })
    }

    async fn read(
        &self,
        tenant: &TenantId,
        id: &RunId,
        now: Timestamp,
    ) -> Result<Option<(Run, Version)>, StoreError> {
        let found = self.records.get(&partition(tenant, id)?, &Name::new("row")?, now).await?;
        found.map(|record| Ok((Run::decode(&record)?, record.version))).transpose()
    }

    /// Stores the row and, where there is one, its audit entry in the same commit. `None` on a conflict.
    async fn store(
        &self,
        run: &Run,
        condition: Condition,
        entry: Option<&Entry>,
        now: Timestamp,
    ) -> Result<Option<Run>, StoreError> {
        let mut run = run.clone();
        let mut commit = Commit::new(partition(&run.tenant, &run.id)?, self.random);
        if let Some(entry) = entry {
            let (linked, head) = run.audit.link(entry, now);
            let key = Name::new(format!("audit:{:08}", linked.seq))?;
            commit = commit.put(key, Condition::Absent, linked.bytes, None)?;
            run.audit = head;
        }
        let commit = commit.put(Name::new("row")?, condition, run.encode()?, None)?;
        let outcome = settle(self.records, &commit, now).await?;
        Ok((outcome == Outcome::Committed).then_some(run))
    }
}

/// The partition in which everything of one run lies.
pub fn partition(tenant: &TenantId, id: &RunId) -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Runs, format!("run:{tenant}:{id}"))?)
}

fn known(run: Run, request: &RunRequest) -> Requested {
    if run.fingerprint == request.fingerprint {
        Requested::Before(run)
    } else {
        Requested::Mismatch
    }
}

fn entry(run: &Run, actor: Actor, action: &'static str, outcome: &str) -> Entry {
    Entry {
        tenant: run.tenant.clone(),
        actor,
        action,
        resource: format!("run:{}", run.id),
        outcome: outcome.into(),
    }
}
