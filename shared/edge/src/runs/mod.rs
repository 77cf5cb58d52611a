//! Automations and runs over HTTP: what somebody may see of them, and what they may ask for.

mod automation;
mod events;
mod files;
mod start;
mod trail;
mod uploads;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use futures::future::try_join_all;
use gatelet_core::automation::catalog::Automation;
use gatelet_core::automation::{Level, ListedRuns, Run, RunId, Runs, State, Uploads, known_level};
use gatelet_core::clock::Timestamp;
use gatelet_core::connection::Connection;
use gatelet_core::registry::Registry;
use gatelet_core::token::Access;
use http::request::Parts as RequestParts;
use serde::Deserialize;

pub use self::automation::{AutomationDetailView, AutomationView, AutomationsView, Viewer};
pub use self::events::{EventsQuery, EventsView, Patience};
pub use self::start::{Begun, OutcomeForm, StartForm};
pub use self::trail::{TrailQuery, TrailView};
pub use self::uploads::{UploadQuery, UploadView};
pub use self::view::{RunDetailView, RunView, RunsView, SHOWN_ROWS};
use crate::problem::{Detailed, Problem};
use crate::{Caller, Gate, Proven, Scope};

/// The most runs in one answer.
const PAGE: usize = 100;
/// How many runs an answer has unless the caller says otherwise.
const USUAL_PAGE: usize = 25;
/// How often the list is read on for one answer, where a filter leaves little of it.
const READ_ON: usize = 5;

/// What every request about automations and runs stands on: proof of the scope `S`, and what the caller's tenant has. A
/// handler that takes it has taken the proof.
pub struct Desk<S> {
    gate: Gate,
    caller: Caller<S>,
    registry: Arc<Registry>,
    here: Option<Level>,
    now: Timestamp,
}

impl<Via, S> Proven<Caller<S>> for (Via, Desk<S>) {}
impl<Via, S, A> Proven<Caller<S>> for (Via, Desk<S>, A) {}
impl<Via, S, A, B> Proven<Caller<S>> for (Via, Desk<S>, A, B) {}
impl<Via, S, A, B, C> Proven<Caller<S>> for (Via, Desk<S>, A, B, C) {}

impl<S: Scope> FromRequestParts<Gate> for Desk<S> {
    type Rejection = Detailed;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Detailed> {
        let caller = Caller::from_request_parts(parts, gate).await?;
        let now = gate.clock.now();
        let registry = gate.registry.current(now).await?;
        let here = known_level(&gate.automations.runner.sandbox().await);
        Ok(Self { gate: gate.clone(), caller, registry, here, now })
    }
}

/// Which runs are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunsQuery {
    automation: Option<String>,
    state: Option<String>,
    by: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

impl<S: Scope> Desk<S> {
    /// All automations.
    #[must_use]
    pub fn automations(&self) -> AutomationsView {
        AutomationsView::of(&self.gate.automations.catalog, self.viewer())
    }

    /// The automation of this name.
    fn automation(&self, name: &str) -> Result<&Automation, Problem> {
        let found = self.gate.automations.catalog.get(name);
        found.map(AsRef::as_ref).ok_or(Problem::NotFound)
    }

    /// The automation of this name with its form.
    pub fn automation_detail(&self, name: &str) -> Result<AutomationDetailView, Problem> {
        Ok(AutomationDetailView::of(self.automation(name)?, self.viewer()))
    }

    /// The run of this id in the caller's tenant. One of another tenant is as if it were not there.
    async fn run(&self, id: &str) -> Result<Run, Problem> {
        let id = RunId::new(id).map_err(|_| Problem::NotFound)?;
        let found = self.runs().find(&self.access().tenant, &id, self.now).await?;
        found.ok_or(Problem::NotFound)
    }

    /// The run of this id with all that is known about it.
    pub async fn show(&self, id: &str) -> Result<RunDetailView, Problem> {
        self.detail(&self.run(id).await?).await
    }

    async fn detail(&self, run: &Run) -> Result<RunDetailView, Problem> {
        let runs = self.runs();
        let asked = runs.asked(&run.tenant, &run.id, self.now).await?.ok_or(Problem::Internal)?;
        let steps = runs.steps(run, self.now).await?;
        let result = runs.result(run, &*self.gate.objects, self.now).await?;
        Ok(RunDetailView::of(run, self.view(run), (asked, steps, result)))
    }

    /// Some of the tenant's runs, newest first. An answer may be short while there are more.
    pub async fn page(&self, query: RunsQuery) -> Result<RunsView, Detailed> {
        let state = match query.state.as_deref().map(State::named) {
            Some(None) => return Err(Problem::BadRequest.into()),
            state => state.flatten(),
        };
        if query.by.as_deref().is_some_and(|by| by != "me") {
            return Err(Problem::BadRequest.into());
        }
        let limit = query.limit.unwrap_or(USUAL_PAGE).clamp(1, PAGE);
        let is_asked = |run: &Run| {
            query.automation.as_ref().is_none_or(|name| run.automation == *name)
                && state.is_none_or(|state| run.state == state)
                && (query.by.is_none() || run.by.subject == self.access().subject)
        };
        let (mut found, mut cursor) = (Vec::new(), query.cursor);
        for _ in 0..READ_ON {
            let (runs, next) = self.read_on(cursor.as_deref(), limit - found.len()).await?;
            found.extend(runs.into_iter().filter(is_asked));
            cursor = next;
            if found.len() >= limit || cursor.is_none() {
                break;
            }
        }
        let runs = found.iter().map(|run| self.view(run)).collect();
        Ok(RunsView { runs, next: cursor })
    }

    async fn read_on(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Run>, Option<String>), Detailed> {
        let listed = ListedRuns::new(&*self.gate.records, &*self.gate.random);
        let limit = u16::try_from(limit).unwrap_or(u16::MAX);
        let page = listed.page(&self.access().tenant, cursor, limit, self.now).await?;
        let page = page.ok_or(Problem::BadRequest)?;
        let runs = self.runs();
        let rows = page.ids.iter().map(|id| runs.find(&self.access().tenant, id, self.now));
        // An entry without a row is a request that was interrupted.
        let rows = try_join_all(rows).await?.into_iter().flatten().collect();
        Ok((rows, page.next))
    }

    fn view(&self, run: &Run) -> RunView {
        RunView::of(run, &self.gate.automations.catalog, self.viewer())
    }

    fn viewer(&self) -> Viewer<'_> {
        Viewer {
            access: self.access(),
            connections: self.connections(),
            schedules: self.registry.schedules_of(&self.access().tenant),
            step_up: self.registry.step_up_of(&self.access().tenant),
            here: self.here,
            now: self.now,
        }
    }

    fn connections(&self) -> &BTreeMap<String, Connection> {
        self.registry.connections_of(&self.access().tenant)
    }

    fn access(&self) -> &Access {
        &self.caller
    }

    fn runs(&self) -> Runs<'_> {
        Runs::new(&*self.gate.records, &*self.gate.random)
    }

    fn uploads(&self) -> Uploads<'_> {
        Uploads::new(&*self.gate.objects, &*self.gate.random)
    }
}
