//! What a page may know about an automation.

use std::collections::BTreeMap;
use std::time::Duration;

use gatelet_core::automation::catalog::{Automation, Catalog, FileInput, Need, OnBusy};
use gatelet_core::automation::{Effect, Level, NotStartable, Schedule};
use gatelet_core::clock::Timestamp;
use gatelet_core::connection::Connection;
use gatelet_core::token::Access;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Can, Detailed, Problem};

/// The automations of a deployment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Automations)]
pub struct AutomationsView {
    automations: Vec<AutomationView>,
}

/// An automation, as its manifest describes it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Automation)]
pub struct AutomationView {
    name: String,
    title: String,
    summary: String,
    version: String,
    /// SHA-256 over all its files, in hex.
    digest: String,
    /// `reads`, `steps` or `unsafe`.
    #[schema(value_type = String)]
    effect: Effect,
    /// The longest that one attempt may take.
    timeout_s: u64,
    /// How often it is attempted at most.
    attempts: u32,
    sandbox: SandboxView,
    concurrency: ConcurrencyView,
    /// When it starts by itself in the caller's tenant.
    schedules: Vec<ScheduleView>,
    connections: Vec<NeedView>,
    can: MayStart,
}

/// How well a script is kept apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sandbox)]
struct SandboxView {
    /// What it asks for, from 0 to 4.
    minimum: u8,
    /// What this host reaches, where it knows.
    here: Option<u8>,
}

/// How many runs go on at a time, and what becomes of one more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Concurrency)]
struct ConcurrencyView {
    limit: usize,
    /// `queue`, `reject` or `coalesce`.
    #[schema(value_type = String)]
    on_busy: OnBusy,
}

/// When something starts by itself. Times are in seconds since 1970.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Schedule)]
struct ScheduleView {
    name: String,
    /// How often.
    every_s: u64,
    /// When it is due next.
    next_at: u64,
}

/// A connection that is needed, and which of the tenant's would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Need)]
struct NeedView {
    name: String,
    kind: String,
    title: String,
    may: Vec<String>,
    choices: Vec<ChoiceView>,
}

/// A connection by its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Choice)]
struct ChoiceView {
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct MayStart {
    #[schema(value_type = Object)]
    start: Can,
}

/// An automation with what its form and its results are made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutomationDetail)]
pub struct AutomationDetailView {
    #[serde(flatten)]
    automation: AutomationView,
    /// A closed JSON Schema 2020-12.
    #[schema(value_type = Object)]
    inputs: Value,
    /// The form of the result.
    #[schema(value_type = Object)]
    result: Value,
    /// By the name of the input.
    samples: BTreeMap<String, SampleView>,
}

/// A file that shows what an input looks like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sample)]
struct SampleView {
    name: String,
    href: String,
}

/// From where somebody looks at an automation.
#[derive(Clone, Copy)]
pub struct Viewer<'a> {
    /// Who looks.
    pub access: &'a Access,
    /// The connections of their tenant.
    pub connections: &'a BTreeMap<String, Connection>,
    /// What is run by itself there.
    pub schedules: &'a BTreeMap<String, Schedule>,
    /// How old a sign-in may be there for what demands a recent one.
    pub step_up: Duration,
    /// The isolation of this host, where it is known.
    pub here: Option<Level>,
    /// When.
    pub now: Timestamp,
}

impl Viewer<'_> {
    /// Whether the viewer may start it.
    pub(crate) fn may_start(self, automation: &Automation) -> Can {
        match automation.may_start(self.access, self.connections, self.here) {
            Ok(()) => Can::yes(),
            Err(refused) => why(refused),
        }
    }
}

impl ScheduleView {
    fn of(automation: &Automation, viewer: Viewer<'_>) -> Vec<Self> {
        let of_this = viewer.schedules.iter().filter(|(_, one)| one.automation == automation.name);
        let shown = of_this.filter_map(|(name, one)| {
            let rhythm = one.rhythm(automation)?;
            let next_at = rhythm.next(viewer.now).secs();
            Some(Self { name: name.clone(), every_s: rhythm.every().as_secs(), next_at })
        });
        shown.collect()
    }
}

impl AutomationsView {
    /// All of a catalog.
    #[must_use]
    pub fn of(catalog: &Catalog, viewer: Viewer<'_>) -> Self {
        let automations = catalog.iter().map(|automation| AutomationView::of(automation, viewer));
        Self { automations: automations.collect() }
    }
}

impl AutomationView {
    fn of(automation: &Automation, viewer: Viewer<'_>) -> Self {
        let Viewer { connections, here, .. } = viewer;
        let start = viewer.may_start(automation);
        Self {
            name: automation.name.clone(),
            title: automation.title.clone(),
            summary: automation.summary.clone(),
            version: automation.version.clone(),
            digest: automation.digest.clone(),
            effect: automation.effect,
            timeout_s: automation.timeout.as_secs(),
            attempts: automation.attempts,
            sandbox: SandboxView { minimum: automation.sandbox.into(), here: here.map(u8::from) },
            concurrency: ConcurrencyView {
                limit: automation.concurrency,
                on_busy: automation.on_busy,
            },
            schedules: ScheduleView::of(automation, viewer),
            connections: automation
                .connections
                .iter()
                .map(|(name, need)| NeedView::of(name, need, connections))
                .collect(),
            can: MayStart { start },
        }
    }
}

impl NeedView {
    fn of(name: &str, need: &Need, connections: &BTreeMap<String, Connection>) -> Self {
        let fits = connections.iter().filter(|(_, connection)| connection.kind == need.kind);
        Self {
            name: name.to_owned(),
            kind: need.kind.clone(),
            title: need.title.clone(),
            may: need.may.clone(),
            choices: fits.map(|(name, _)| ChoiceView { name: name.clone() }).collect(),
        }
    }
}

impl AutomationDetailView {
    /// One automation.
    #[must_use]
    pub fn of(automation: &Automation, viewer: Viewer<'_>) -> Self {
        let sample = |input: FileInput<'_>| {
            let (file, name) = (input.sample?, &automation.name);
            let href = format!("/api/automations/{name}/samples/{file}");
            Some((input.name.to_owned(), SampleView { name: file.to_owned(), href }))
        };
        Self {
            automation: AutomationView::of(automation, viewer),
            inputs: automation.inputs.clone(),
            result: automation.result.clone(),
            samples: automation.file_inputs().into_iter().filter_map(sample).collect(),
        }
    }
}

fn problem_of(refused: &NotStartable) -> Problem {
    match refused {
        NotStartable::Scope(_) => Problem::InsufficientScope,
        NotStartable::Role(_) => Problem::RoleRequired,
        NotStartable::Connection(_) => Problem::ConnectionMissing,
        NotStartable::Sandbox { .. } => Problem::SandboxUnavailable,
    }
}

/// The verdict for whoever asks before they try, in the words in which they would be refused.
fn why(refused: NotStartable) -> Can {
    let verdict = Can::from(Err::<(), _>(problem_of(&refused)));
    match refused {
        NotStartable::Scope(scope) => verdict.but([format!("scope:{scope}")]),
        NotStartable::Role(roles) => verdict.but(roles.iter().map(|role| format!("role:{role}"))),
        NotStartable::Connection(_) | NotStartable::Sandbox { .. } => verdict,
    }
}

impl From<NotStartable> for Detailed {
    fn from(refused: NotStartable) -> Self {
        problem_of(&refused).into()
    }
}
