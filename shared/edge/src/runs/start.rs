//! Starting a run, ending it, and saying what became of a step.
//!
//! A run exists from its first commit on. The message about it is sent after that commit; where that fails, the run
//! waits for the sweep, and the caller is told of a run all the same.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use gatelet_core::audit::Actor;
use gatelet_core::automation::catalog::{Automation, InputMistake};
use gatelet_core::automation::{
    Asker, Cancelled, FileRef, OutcomeRecord, Recorded, Requested, Requester, Run, RunId,
    RunRequest, StepOutcome, Upload, Wanted, content_of, send,
};
use gatelet_core::outage::Chain;
use http::header::LOCATION;
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Desk, RunDetailView};
use crate::Scope;
use crate::TraceContext;
use crate::problem::{Detailed, FieldError, Problem};

/// The shortest and the longest reason, in characters.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// A run that was asked for: since this request, or before it.
pub struct Begun {
    run: RunDetailView,
    id: String,
    is_new: bool,
}

impl IntoResponse for Begun {
    fn into_response(self) -> Response {
        let status = if self.is_new { StatusCode::CREATED } else { StatusCode::OK };
        let location: [(HeaderName, String); 1] = [(LOCATION, format!("/api/runs/{}", self.id))];
        (status, location, Json(self.run)).into_response()
    }
}

/// What somebody asks of an automation.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Start)]
#[serde(deny_unknown_fields)]
pub struct StartForm {
    /// The inputs, as the automation's schema has them. A file is named by the id of its upload.
    #[serde(default = "nothing")]
    #[schema(value_type = Object, required = false)]
    inputs: Value,
    /// Which of the tenant's connections is meant by each that the automation needs.
    #[serde(default)]
    connections: BTreeMap<String, String>,
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

impl From<StartForm> for Wanted {
    fn from(form: StartForm) -> Self {
        let StartForm { inputs, connections } = form;
        Self { inputs, connections }
    }
}

/// What somebody says became of a step.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Outcome)]
#[serde(deny_unknown_fields)]
pub struct OutcomeForm {
    /// The step's key.
    step: String,
    /// `happened`, `did_not` or `unknown`.
    #[schema(value_type = String)]
    outcome: StepOutcome,
    /// How they know, in 10 to 500 characters.
    reason: String,
    /// The number of the latest event that they saw. Where the run went on since, nothing is recorded.
    #[serde(default)]
    seq: Option<u32>,
}

impl<S: Scope> Desk<S> {
    /// Says what is wrong with what somebody would ask for, and whether they might.
    pub async fn validate(&self, name: &str, form: StartForm) -> Result<(), Detailed> {
        let automation = self.automation(name)?;
        self.check(automation, &form.into()).await.map(|_| ())
    }

    /// Asks for a run. The same key with the same body finds the run that it asked for before.
    pub async fn start(
        &self,
        (name, key): (&str, &str),
        form: StartForm,
        trace: &TraceContext,
    ) -> Result<Begun, Detailed> {
        let (automation, wanted) = (self.automation(name)?, Wanted::from(form));
        let route = format!("POST /api/automations/{name}/runs");
        let id = RunId::derive(&self.access().tenant, &self.access().subject, &route, key);
        let fingerprint = wanted.fingerprint(name);
        // A repeated request is answered before anything is checked that may have changed since.
        if let Some(run) = self.runs().find(&self.access().tenant, &id, self.now).await? {
            if run.fingerprint != fingerprint {
                return Err(Problem::IdempotencyMismatch.into());
            }
            return self.begun(&run, false).await;
        }
        let files = self.check(automation, &wanted).await?;
        let asker = Asker {
            tenant: self.access().tenant.clone(),
            actor: self.actor(),
            by: Requester {
                subject: self.access().subject.clone(),
                name: self.access().name.clone(),
            },
            id,
            trace: trace.clone(),
        };
        let request = RunRequest::of(automation, wanted, files, asker, self.now);
        match self.runs().request(&request, self.now).await? {
            Requested::New(run) => {
                self.send(&run).await;
                self.begun(&run, true).await
            }
            Requested::Before(run) | Requested::Joined(run) => self.begun(&run, false).await,
            Requested::Mismatch => Err(Problem::IdempotencyMismatch.into()),
            Requested::Busy => Err(Problem::Busy.into()),
        }
    }

    /// Ends a run, or asks its holder to.
    pub async fn cancel(&self, id: &str) -> Result<RunDetailView, Detailed> {
        let run = self.run(id).await?;
        run.may_cancel(self.access())?;
        let runs = self.runs();
        match runs.cancel(&run.tenant, &run.id, self.actor(), self.now).await? {
            Cancelled::Now(run) | Cancelled::Asked(run) => Ok(self.detail(&run).await?),
            Cancelled::Over(_) => Err(Problem::RunOver.into()),
            Cancelled::Unknown => Err(Problem::NotFound.into()),
        }
    }

    /// Records what became of a step of which nobody knew.
    pub async fn record_outcome(
        &self,
        id: &str,
        form: OutcomeForm,
    ) -> Result<RunDetailView, Detailed> {
        let run = self.run(id).await?;
        let step_up = self.registry.step_up_of(&run.tenant);
        run.may_record_outcome(self.access(), step_up, self.now)?;
        let reason = form.reason.trim().to_owned();
        if !REASON.contains(&reason.chars().count()) {
            let error =
                FieldError::new("/reason", "length", "Give a reason of 10 to 500 characters");
            return Err(Detailed::from(Problem::InvalidInputs).error(error));
        }
        let record =
            OutcomeRecord { step: form.step, outcome: form.outcome, reason, version: form.seq };
        let runs = self.runs();
        let whose = (&run.tenant, &run.id);
        match runs.record_outcome(whose, self.actor(), &record, self.now).await? {
            Recorded::Yes(run) => {
                self.send(&run).await;
                Ok(self.detail(&run).await?)
            }
            Recorded::NotNow(_) => Err(Problem::NothingUncertain.into()),
            Recorded::Unknown => Err(Problem::NotFound.into()),
        }
    }

    /// Whether the caller may start it with what they ask, and the files that are among the inputs.
    async fn check(
        &self,
        automation: &Automation,
        wanted: &Wanted,
    ) -> Result<BTreeMap<String, FileRef>, Detailed> {
        automation.may_start(self.access(), self.connections(), self.here)?;
        let uploads = self.uploads();
        let place = (&uploads, &self.access().tenant);
        let found = automation.check(wanted, self.connections(), place).await?;
        let files = found.map_err(told)?;
        let referred = files.into_iter().map(|(name, upload)| Ok((name, self.refer(upload)?)));
        referred.collect()
    }

    fn refer(&self, upload: Upload) -> Result<FileRef, Detailed> {
        let object = content_of(&self.access().tenant, &upload.id)?.path().to_owned();
        let Upload { name, media_type, bytes, .. } = upload;
        Ok(FileRef { object, name, media_type, bytes })
    }

    /// Tells the worker. What is not told now is told by the sweep.
    async fn send(&self, run: &Run) {
        if run.state.is_final() {
            return;
        }
        if let Err(error) = send(&*self.gate.queue, &self.runs(), run, self.now).await {
            tracing::warn!(error = %Chain(&error), run = %run.id, "a run waits for the sweep");
        }
    }

    async fn begun(&self, run: &Run, is_new: bool) -> Result<Begun, Detailed> {
        Ok(Begun { run: self.detail(run).await?, id: run.id.to_string(), is_new })
    }

    fn actor(&self) -> Actor {
        Actor::Session(self.access().session_id.clone())
    }
}

fn told(mistakes: Vec<InputMistake>) -> Detailed {
    let errors = mistakes.into_iter();
    errors.fold(Detailed::from(Problem::InvalidInputs), |refused, mistake| {
        let InputMistake { pointer, code, message } = mistake;
        refused.error(FieldError::new(pointer, code, message))
    })
}
