//! What a page may know about a run.

use std::collections::BTreeMap;

use gatelet_core::automation::catalog::{Automation, Catalog};
use gatelet_core::automation::{
    Asked, NotAllowed, Progress, Requester, Run, SandboxReport, State, StepRecord,
};
use gatelet_core::clock::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::automation::Viewer;
use crate::problem::{Can, Challenge, Detailed, Problem};

/// The rows of a table that stand in a run. All of them stand in its CSV.
pub const SHOWN_ROWS: usize = 1_000;

/// Some runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Runs)]
pub struct RunsView {
    /// The runs.
    pub runs: Vec<RunView>,
    /// What to ask for the next ones with, if there may be more.
    pub next: Option<String>,
}

/// A run as lists have it. Times are in seconds since 1970.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView {
    id: String,
    automation: AutomationOfRun,
    /// Where it stands: see `docs/reference/states.md`.
    #[schema(value_type = String)]
    state: State,
    /// Why it ended, in a stable word.
    code: Option<String>,
    /// The same for people, in the script's words.
    message: Option<String>,
    requested_at: u64,
    started_at: Option<u64>,
    ended_at: Option<u64>,
    by: RequesterView,
    /// How many attempts were begun.
    attempt: u32,
    max_attempts: u32,
    #[schema(value_type = Option<Object>)]
    progress: Option<Progress>,
    /// When the credential that its latest attempt was given ends.
    credential_ends_at: Option<u64>,
    /// When it goes on by itself, if it waits for a time.
    continues_at: Option<u64>,
    cancel_requested: bool,
    trace_id: Option<String>,
    /// The number of its latest event.
    seq: u32,
    audit: AuditOfRun,
    can: MayDo,
}

/// What is run.
#[derive(Debug, Serialize, ToSchema)]
struct AutomationOfRun {
    name: String,
    title: String,
    /// The author's version, unless the catalog has another one by now.
    version: Option<String>,
    digest: String,
}

/// Who asked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Requester)]
struct RequesterView {
    subject: String,
    name: Option<String>,
    /// The schedule, where no person asked.
    schedule: Option<String>,
}

/// Where the run's audit chain stands.
#[derive(Debug, Serialize, ToSchema)]
struct AuditOfRun {
    entries: u32,
    head: String,
}

/// What the caller may do with the run.
#[derive(Debug, Serialize, ToSchema)]
struct MayDo {
    #[schema(value_type = Object)]
    cancel: Can,
    #[schema(value_type = Object)]
    record_outcome: Can,
    #[schema(value_type = Object)]
    run_again: Can,
}

/// A run with all that is known about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunDetail)]
pub struct RunDetailView {
    #[serde(flatten)]
    run: RunView,
    /// What was asked for. A file is named by the id of its upload.
    #[schema(value_type = Object)]
    inputs: Value,
    connections: BTreeMap<String, String>,
    steps: Vec<StepView>,
    /// What came out, of the form that the automation declares: the first thousand rows of a table.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// How many rows the whole table has.
    result_rows: Option<usize>,
    artifacts: Vec<ArtifactView>,
    /// The isolation that its latest attempt got, and how that was found out.
    #[schema(value_type = Option<Object>)]
    sandbox: Option<SandboxReport>,
}

/// A step of the run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
struct StepView {
    key: String,
    title: String,
    /// `A`, `B`, `C`, `D` or `R`.
    #[schema(value_type = String)]
    class: gatelet_core::automation::EffectClass,
    quiet: bool,
    /// `begun`, `done`, `undone`, `unknown` or `recorded`.
    #[schema(value_type = String)]
    state: gatelet_core::automation::StepState,
    begun_at: u64,
    done_at: Option<u64>,
    #[schema(value_type = Option<Object>)]
    evidence: Option<serde_json::Map<String, Value>>,
}

/// A file that the run left.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Artifact)]
struct ArtifactView {
    name: String,
    media_type: String,
    bytes: u64,
    /// SHA-256 of it in hex.
    sha256: String,
}

impl RunView {
    /// A run as somebody sees it.
    #[must_use]
    pub fn of(run: &Run, catalog: &Catalog, viewer: Viewer<'_>) -> Self {
        let automation = catalog.get(&run.automation);
        let record = run.may_record_outcome(viewer.access, viewer.step_up, viewer.now);
        let schedule = run.by.schedule().map(str::to_owned);
        let Requester { subject, name } = run.by.clone();
        Self {
            id: run.id.to_string(),
            automation: AutomationOfRun {
                name: run.automation.clone(),
                title: automation.map_or_else(|| run.automation.clone(), |one| one.title.clone()),
                version: automation
                    .filter(|one| one.digest == run.digest)
                    .map(|one| one.version.clone()),
                digest: run.digest.clone(),
            },
            state: run.state,
            code: run.code.clone(),
            message: run.message.clone(),
            requested_at: run.requested_at.secs(),
            started_at: run.started_at.map(Timestamp::secs),
            ended_at: run.ended_at.map(Timestamp::secs),
            by: RequesterView { subject, name, schedule },
            attempt: run.attempt,
            max_attempts: run.max_attempts,
            progress: run.progress.clone(),
            credential_ends_at: run.credential_ends_at.map(Timestamp::secs),
            continues_at: run.continues_at().map(Timestamp::secs),
            cancel_requested: run.cancel_requested,
            trace_id: run.trace_id().map(str::to_owned),
            seq: run.seq,
            audit: AuditOfRun { entries: run.audit.length, head: run.audit.hash.clone() },
            can: MayDo {
                cancel: verdict(run.may_cancel(viewer.access)),
                record_outcome: verdict(record),
                run_again: again(automation.map(AsRef::as_ref), viewer),
            },
        }
    }
}

fn again(automation: Option<&Automation>, viewer: Viewer<'_>) -> Can {
    let Some(automation) = automation else {
        return Can::from(Err::<(), _>(Problem::NotFound));
    };
    viewer.may_start(automation)
}

impl RunDetailView {
    /// A run, and what lies beside its row.
    #[must_use]
    pub fn of(run: &Run, view: RunView, beside: (Asked, Vec<StepRecord>, Option<Value>)) -> Self {
        let (asked, steps, result) = beside;
        let (result, result_rows) = shown(result);
        let artifacts = run.artifacts.iter().cloned();
        Self {
            run: view,
            inputs: asked.inputs,
            connections: asked.connections,
            steps: steps.into_iter().map(StepView::of).collect(),
            result,
            result_rows,
            artifacts: artifacts
                .map(|one| ArtifactView {
                    name: one.name,
                    media_type: one.media_type,
                    bytes: one.bytes,
                    sha256: one.sha256,
                })
                .collect(),
            sandbox: run.sandbox.clone(),
        }
    }
}

impl StepView {
    fn of(step: StepRecord) -> Self {
        Self {
            key: step.key,
            title: step.title,
            class: step.class,
            quiet: step.quiet,
            state: step.state,
            begun_at: step.begun_at.secs(),
            done_at: step.done_at.map(Timestamp::secs),
            evidence: (!step.evidence.is_empty()).then_some(step.evidence),
        }
    }
}

/// The result as it is shown, and how many rows the whole table has.
fn shown(result: Option<Value>) -> (Option<Value>, Option<usize>) {
    let mut result = result;
    let rows = match &mut result {
        Some(Value::Array(rows)) => Some(rows),
        Some(Value::Object(table)) => table.get_mut("rows").and_then(Value::as_array_mut),
        _ => None,
    };
    let count = rows.map(|rows| {
        let count = rows.len();
        rows.truncate(SHOWN_ROWS);
        count
    });
    (result, count)
}

const fn problem_of(refused: NotAllowed) -> Problem {
    match refused {
        NotAllowed::Over => Problem::RunOver,
        NotAllowed::NotYours => Problem::NotYours,
        NotAllowed::Scope(_) => Problem::InsufficientScope,
        NotAllowed::NothingUncertain => Problem::NothingUncertain,
        NotAllowed::SignInTooOld(_) => Problem::StepUpRequired,
    }
}

fn verdict(verdict: Result<(), NotAllowed>) -> Can {
    let Err(refused) = verdict else { return Can::yes() };
    let can = Can::from(Err::<(), _>(problem_of(refused)));
    match refused {
        NotAllowed::Scope(scope) => can.but([format!("scope:{scope}")]),
        NotAllowed::NotYours => can.but(["scope:runs:approve".to_owned()]),
        NotAllowed::Over | NotAllowed::NothingUncertain | NotAllowed::SignInTooOld(_) => can,
    }
}

impl From<NotAllowed> for Detailed {
    fn from(refused: NotAllowed) -> Self {
        let detailed = Self::from(problem_of(refused));
        match refused {
            NotAllowed::SignInTooOld(within) => {
                detailed.challenge(Challenge::StepUp { max_age: Some(within), acr_values: None })
            }
            _ => detailed,
        }
    }
}
