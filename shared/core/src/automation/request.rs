//! Asking for a run.
//!
//! Order of a request: the slot where there must be room, the `open` entry (which fixes the time), the list
//! entry, the row with what was asked for and the first audit entry. What stops in between leaves entries without
//! a row, which readers skip and the sweep removes, and a slot that the next request finds to be nobody's.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::asking::Wanted;
use super::catalog::{Automation, OnBusy};
use super::draft::{Draft, Why, detail};
use super::open::OpenRuns;
use super::row::{Requester, Run, Written};
use super::runs::{ASKED, Asked, FileRef, Runs};
use super::slots::Slots;
use super::state::State;
use super::{ListedRuns, RunId};
use crate::audit::{Actor, ChainHead};
use crate::clock::Timestamp;
use crate::records::{Condition, Name, Outcome, StoreError, encode, settle};
use crate::tenant::TenantId;
use crate::trace::TraceContext;

/// How long a slot outlives the deadline of its run before it falls free by itself.
pub const SLOT_GRACE: Duration = Duration::from_hours(24);

/// From when on no attempt of a run begins any more, after it was asked for.
const WAITS: Duration = Duration::from_hours(24);

/// Who asks for a run, where, and under which id.
#[derive(Clone, Debug)]
pub struct Asker {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who asks, for the audit.
    pub actor: Actor,
    /// Who asks, for people.
    pub by: Requester,
    /// Under which id: see [`RunId::derive`].
    pub id: RunId,
    /// The trace to which the run belongs.
    pub trace: TraceContext,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who asks, for the audit.
    pub actor: Actor,
    /// Who asks, for people.
    pub by: Requester,
    /// Under which id: see [`RunId::derive`].
    pub id: RunId,
    /// For which automation.
    pub automation: String,
    /// The digest of exactly that automation.
    pub digest: String,
    /// The inputs, checked against its schema.
    pub inputs: Value,
    /// Which connection of the tenant stands for which need of the automation.
    pub connections: BTreeMap<String, String>,
    /// The files among the inputs, by the input's name.
    pub files: BTreeMap<String, FileRef>,
    /// How often it is attempted at most.
    pub max_attempts: u32,
    /// From when on no attempt begins any more.
    pub deadline: Timestamp,
    /// A digest of everything asked.
    pub fingerprint: String,
    /// The `traceparent` of the request.
    pub traceparent: Option<String>,
    /// What becomes of it when there is no room.
    pub on_busy: OnBusy,
    /// How many runs of this automation go on at a time in this tenant; zero is no limit.
    pub limit: usize,
}

impl RunRequest {
    /// A request for an automation as the catalog has it, for what was checked against it.
    #[must_use]
    pub fn of(
        automation: &Automation,
        wanted: Wanted,
        files: BTreeMap<String, FileRef>,
        asker: Asker,
        now: Timestamp,
    ) -> Self {
        let fingerprint = wanted.fingerprint(&automation.name);
        let Wanted { inputs, connections } = wanted;
        let Asker { tenant, actor, by, id, trace } = asker;
        Self {
            tenant,
            actor,
            by,
            id,
            automation: automation.name.clone(),
            digest: automation.digest.clone(),
            inputs,
            connections,
            files,
            max_attempts: automation.attempts,
            deadline: now + WAITS,
            fingerprint,
            traceparent: Some(trace.traceparent()),
            on_busy: automation.on_busy,
            limit: automation.concurrency,
        }
    }
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
    /// There is no room, and nothing was begun.
    Busy,
    /// There is no room, and this is the run that goes on.
    Joined(Run),
}

impl Runs<'_> {
    /// Asks for a run, once for each id however often it is called.
    pub async fn request(
        &self,
        request: &RunRequest,
        now: Timestamp,
    ) -> Result<Requested, StoreError> {
        if let Some((run, _)) = self.read(&request.tenant, &request.id, now).await? {
            return Ok(known(run, request));
        }
        if let Some(refused) = self.make_room(request, now).await? {
            return Ok(refused);
        }
        let open = OpenRuns::new(self.records, self.random);
        let requested_at = open.enter(&request.tenant, &request.id, now).await?;
        ListedRuns::new(self.records, self.random)
            .enter(&request.tenant, &request.id, requested_at, now)
            .await?;
        let mut draft = Draft::of(first_row(request, requested_at));
        let asked = Asked {
            inputs: request.inputs.clone(),
            connections: request.connections.clone(),
            files: request.files.clone(),
        };
        draft.put_once(Name::new(ASKED)?, encode("request of a run", &asked)?);
        let why = Why { actor: request.actor.clone(), action: "run.request", code: None };
        draft.turn(State::Queued, why, what_was_asked(request));
        let (commit, run) = draft.seal(Condition::Absent, self.random, now)?;
        if settle(self.records, &commit, now).await? == Outcome::Committed {
            return Ok(Requested::New(run));
        }
        match self.read(&request.tenant, &request.id, now).await? {
            Some((run, _)) => Ok(known(run, request)),
            None => Err(StoreError::Contended { what: "a new run" }),
        }
    }

    /// Takes a slot for a request that may not wait for one; otherwise says what it is answered.
    async fn make_room(
        &self,
        request: &RunRequest,
        now: Timestamp,
    ) -> Result<Option<Requested>, StoreError> {
        if request.limit == 0 || request.on_busy == OnBusy::Queue {
            return Ok(None);
        }
        let until = request.deadline + SLOT_GRACE;
        let who = (&request.tenant, request.automation.as_str());
        if self.take_slot(who, (&request.id, until), request.limit, now).await? {
            return Ok(None);
        }
        let slots = Slots::new(self.records, self.random, request.tenant.clone());
        for other in slots.holders(&request.automation, now).await? {
            if request.on_busy == OnBusy::Coalesce
                && let Some(run) = self.find(&request.tenant, &other, now).await?
            {
                return Ok(Some(Requested::Joined(run)));
            }
        }
        Ok(Some(Requested::Busy))
    }

    /// Takes one of an automation's slots. Where all are taken, those of runs that do not go on are freed first:
    /// their holders died between two commits.
    pub(super) async fn take_slot(
        &self,
        (tenant, automation): (&TenantId, &str),
        (id, until): (&RunId, Timestamp),
        limit: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let slots = Slots::new(self.records, self.random, tenant.clone());
        if slots.take(automation, (id, until), limit, now).await? {
            return Ok(true);
        }
        for other in slots.holders(automation, now).await? {
            let found = self.find(tenant, &other, now).await?;
            if !found.is_some_and(|run| run.state.goes_on()) {
                slots.give_back(automation, &other, now).await?;
            }
        }
        slots.take(automation, (id, until), limit, now).await
    }
}

fn first_row(request: &RunRequest, requested_at: Timestamp) -> Run {
    Run {
        tenant: request.tenant.clone(),
        id: request.id.clone(),
        automation: request.automation.clone(),
        digest: request.digest.clone(),
        by: request.by.clone(),
        fingerprint: request.fingerprint.clone(),
        requested_at,
        deadline: request.deadline,
        max_attempts: request.max_attempts,
        limit: request.limit,
        traceparent: request.traceparent.clone(),
        state: State::Queued,
        code: None,
        message: None,
        fence: 0,
        attempt: 0,
        lease_until: None,
        not_before: None,
        recover_at: None,
        credential_ends_at: None,
        cancel_requested: false,
        sent_at: None,
        started_at: None,
        paused_at: None,
        ended_at: None,
        sandbox: None,
        steps: 0,
        unproven: Vec::new(),
        progress: None,
        artifacts: Vec::new(),
        result: None,
        written: Written::default(),
        seq: 0,
        audit: ChainHead::default(),
    }
}

fn what_was_asked(request: &RunRequest) -> Map<String, Value> {
    let connections = request.connections.values().cloned().map(Value::from).collect::<Vec<_>>();
    detail([
        ("automation", request.automation.as_str().into()),
        ("digest", request.digest.as_str().into()),
        ("connections", connections.into()),
    ])
}

fn known(run: Run, request: &RunRequest) -> Requested {
    if run.fingerprint == request.fingerprint {
        Requested::Before(run)
    } else {
        Requested::Mismatch
    }
}
