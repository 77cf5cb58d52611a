//! Starting what is due.
//!
//! A run's id follows from its schedule and the moment, so whoever starts it again finds it. The order for one
//! moment: the note that it is this schedule's turn, with the id; the run; the note that the run was asked for.
//! Whoever finds a turn that nobody finished finishes it before anything else, so that no other run of the schedule
//! comes before it. Of several moments that went by, only the latest counts: what was missed runs once.

use std::collections::BTreeMap;

use super::Schedule;
use super::record::{Note, ScheduleNotes};
use crate::audit::{Actor, Entry, Trail};
use crate::automation::catalog::Automation;
use crate::automation::request::Asker;
use crate::automation::{Requested, Requester, RunId, RunRequest, Runs, send};
use crate::clock::Timestamp;
use crate::outage::Chain;
use crate::parts::Parts;
use crate::records::{Condition, StoreError, Version};
use crate::registry::Tenant;
use crate::trace::{Span, SpanKind, TraceContext};

/// The run of the moment before goes on.
const STILL_GOING: &str = "still_going";
/// The automation is not in the catalog.
const UNKNOWN_AUTOMATION: &str = "unknown_automation";
/// Neither the schedule nor the automation says how often.
const NO_INTERVAL: &str = "no_interval";
/// The inputs or connections are not what the automation asks for.
const INVALID_INPUTS: &str = "invalid_inputs";
/// As many runs of the automation as may go on are going on, and it refuses more.
const BUSY: &str = "busy";
/// The same, and the run that goes on stands for this one.
const JOINED: &str = "joined";

/// What came of looking after all schedules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scheduled {
    /// How many runs were begun.
    pub begun: usize,
    /// How many moments, and schedules without any, came to no run of their own. The trail says why.
    pub passed_over: usize,
    /// How many notes could not be read: somebody should look at them.
    pub unreadable: usize,
}

enum Turn {
    NotDue,
    Begun,
    PassedOver,
}

/// Starts what is due in every tenant that lives here. A schedule begins with the first moment after it was first
/// seen here, or after its rhythm changed. One whose latest run is not over is passed over.
pub async fn start_due(parts: &Parts, now: Timestamp) -> Result<Scheduled, StoreError> {
    let registry = parts.registry.current(now).await?;
    let here = |tenant: &&Tenant| tenant.active && registry.elsewhere(tenant).is_none();
    let mut done = Scheduled::default();
    for tenant in registry.tenants.values().filter(here) {
        for (name, schedule) in &tenant.schedules {
            match (Clerk { parts, tenant, name, schedule, now }).look_after().await {
                Ok(Turn::NotDue) => {}
                Ok(Turn::Begun) => done.begun += 1,
                Ok(Turn::PassedOver) => done.passed_over += 1,
                Err(StoreError::Unreadable { .. }) => done.unreadable += 1,
                Err(other) => return Err(other),
            }
        }
    }
    Ok(done)
}

/// Looks after one schedule, once.
struct Clerk<'a> {
    parts: &'a Parts,
    tenant: &'a Tenant,
    name: &'a str,
    schedule: &'a Schedule,
    now: Timestamp,
}

impl Clerk<'_> {
    async fn look_after(&self) -> Result<Turn, StoreError> {
        let catalog = &self.parts.automations.catalog;
        let Some(automation) = catalog.get(&self.schedule.automation) else {
            return self.pass_over(UNKNOWN_AUTOMATION, None).await;
        };
        let Some(rhythm) = self.schedule.rhythm(automation) else {
            return self.pass_over(NO_INTERVAL, None).await;
        };
        let tick = rhythm.latest(self.now);
        let Some((note, version)) = self.notes().read(self.now).await? else {
            let first = Note { rhythm, tick, run: None, is_asked: true };
            self.notes().write(&first, Condition::Absent, self.now).await?;
            return Ok(Turn::NotDue);
        };
        if !note.is_asked {
            return self.begin(automation, note, version).await;
        }
        if note.rhythm != rhythm {
            self.note(Note { rhythm, tick, ..note }, version).await?;
            return Ok(Turn::NotDue);
        }
        if tick <= note.tick {
            return Ok(Turn::NotDue);
        }
        if self.goes_on(note.run.as_ref()).await? {
            self.say(STILL_GOING, Some(tick)).await?;
            self.note(Note { tick, ..note }, version).await?;
            return Ok(Turn::PassedOver);
        }
        let note = Note { rhythm, tick, run: Some(self.run_at(tick)), is_asked: false };
        match self.note(note.clone(), version).await? {
            Some(version) => self.begin(automation, note, version).await,
            // Another process has the turn.
            None => Ok(Turn::NotDue),
        }
    }

    /// Asks for the run of a moment whose turn is noted, and notes that it was asked for.
    async fn begin(
        &self,
        automation: &Automation,
        note: Note,
        version: Version,
    ) -> Result<Turn, StoreError> {
        let (run, turn) = match self.ask(automation, note.tick).await? {
            Ok(run) => (Some(run), Turn::Begun),
            Err((why, run)) => {
                self.say(why, Some(note.tick)).await?;
                (run, Turn::PassedOver)
            }
        };
        self.note(Note { run, is_asked: true, ..note }, version).await?;
        Ok(turn)
    }

    /// The run of a moment; or why there is none, and which run stands for it.
    async fn ask(
        &self,
        automation: &Automation,
        tick: Timestamp,
    ) -> Result<Result<RunId, (&'static str, Option<RunId>)>, StoreError> {
        if let Some(first) = self.schedule.mistakes(automation, &self.tenant.connections).first() {
            let (schedule, at, code) = (self.name, first.pointer.as_str(), first.code);
            tracing::warn!(schedule, at, code, "a schedule asks for what it cannot have");
            return Ok(Err((INVALID_INPUTS, None)));
        }
        let spans = &self.parts.memory.spans;
        let trace = TraceContext::begin(&*self.parts.random, spans.is_on());
        let asker = Asker {
            tenant: self.tenant.id.clone(),
            actor: self.actor(),
            by: Requester::of_schedule(self.name),
            id: self.run_at(tick),
            trace: trace.clone(),
        };
        let (wanted, files) = (self.schedule.wanted(), BTreeMap::new());
        let request = RunRequest::of(automation, wanted, files, asker, self.now);
        Ok(match self.runs().request(&request, self.now).await? {
            Requested::New(run) => {
                spans.keep(self.span(trace));
                let queue = &*self.parts.queue;
                if let Err(error) = send(queue, &self.runs(), &run, self.now).await {
                    tracing::warn!(error = %Chain(&error), run = %run.id, "a run waits for the sweep");
                }
                Ok(run.id)
            }
            // Asked for by somebody who died then; with other inputs, if the registry was changed since.
            Requested::Before(_) | Requested::Mismatch => Ok(request.id),
            Requested::Busy => Err((BUSY, None)),
            Requested::Joined(run) => Err((JOINED, Some(run.id))),
        })
    }

    /// What a scheduled run's trace begins with.
    fn span(&self, context: TraceContext) -> Span {
        Span {
            context,
            name: "schedule".into(),
            kind: SpanKind::Internal,
            began: self.now,
            ended: self.parts.clock.now(),
            facts: Vec::new(),
            has_failed: false,
        }
    }

    async fn pass_over(&self, why: &str, tick: Option<Timestamp>) -> Result<Turn, StoreError> {
        self.say(why, tick).await?;
        Ok(Turn::PassedOver)
    }

    /// Says in the trail that a moment came to no run of its own, once however often this is done for it.
    async fn say(&self, why: &str, tick: Option<Timestamp>) -> Result<(), StoreError> {
        let moment = tick.map(|tick| format!(":{}", tick.secs())).unwrap_or_default();
        let entry = Entry {
            tenant: self.tenant.id.clone(),
            actor: self.actor(),
            action: "schedule.skip",
            resource: format!("schedule:{}{moment}", self.name),
            outcome: why.to_owned(),
        };
        let trail = Trail::new(&*self.parts.records, &*self.parts.random);
        trail.append_hourly(&entry, self.now).await
    }

    async fn goes_on(&self, run: Option<&RunId>) -> Result<bool, StoreError> {
        let Some(id) = run else { return Ok(false) };
        let found = self.runs().find(&self.tenant.id, id, self.now).await?;
        Ok(found.is_some_and(|run| !run.state.is_final()))
    }

    async fn note(&self, note: Note, version: Version) -> Result<Option<Version>, StoreError> {
        self.notes().write(&note, Condition::Version(version), self.now).await
    }

    /// The id of the run that this schedule has at a moment.
    fn run_at(&self, tick: Timestamp) -> RunId {
        let by = Requester::of_schedule(self.name);
        RunId::derive(&self.tenant.id, &by.subject, "schedule", &tick.secs().to_string())
    }

    fn actor(&self) -> Actor {
        Actor::Schedule(self.name.to_owned())
    }

    fn runs(&self) -> Runs<'_> {
        Runs::new(&*self.parts.records, &*self.parts.random)
    }

    fn notes(&self) -> ScheduleNotes<'_> {
        let (records, random) = (&*self.parts.records, &*self.parts.random);
        ScheduleNotes { records, random, tenant: &self.tenant.id, name: self.name }
    }
}
