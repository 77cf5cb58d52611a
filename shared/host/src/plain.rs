//! The plain door: one process on one machine, with a server, a worker and a timer of its own.

mod ending;
mod working;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use gatelet_cage::{ChildRunner, Setup};
use gatelet_core::automation::catalog::Automation;
use gatelet_core::automation::catalog::Catalog;
use gatelet_core::automation::{Runner as _, SandboxReport};
use gatelet_core::parts::{Automations, Parts};
use gatelet_core::random::Random;
use gatelet_core::web::Web;
use gatelet_edge::runs::Patience;
use gatelet_edge::work::{OnMessage, OnTick};
use gatelet_edge::{Gate, Origin, Routes, front};
pub use gatelet_local::pocket::PEOPLE;
pub use gatelet_local::{Deletable, Found, Spared};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

pub use self::ending::Ended;
use self::ending::{Wishes, unless_interrupted};
use self::working::{Worker, keep_exporting, keep_time, work};
use crate::SystemRandom;
use crate::error::Error;
pub use crate::local::{CatalogPlace, SignIn};
use crate::local::{Local, Provider, listen, load, read_registry, ticket_routes};
use crate::otlp::{Export, Exporter};
use crate::runtime::block_on;
use crate::settings::{Mistake, Mistakes, Reader, check_base_url};
use crate::telemetry::{self, Format};
use crate::web::HttpWeb;

/// The code with which a process ends that was interrupted: what shells say of one that Ctrl+C has ended.
pub const INTERRUPTED: u8 = 130;

/// Everything that one process serves.
pub struct App {
    /// What it answers.
    pub routes: Routes,
    /// What it does with messages.
    pub on_message: OnMessage,
    /// What it does every minute.
    pub on_tick: OnTick,
}

/// Where it serves.
pub struct Place {
    /// The folder that holds everything.
    pub folder: PathBuf,
    /// The port on the loopback interface.
    pub port: u16,
    /// The address that people open, where something stands in front; its own otherwise.
    pub base_url: Option<Url>,
    /// Who says who somebody is.
    pub sign_in: SignIn,
    /// The Python that runs scripts, if it is not the first one that works.
    pub python: Option<PathBuf>,
    /// What can be run.
    pub catalog: CatalogPlace,
}

/// What whoever started the process may want to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It answers.
    Ready,
    /// It was asked to end, and finishes what it has begun.
    Ending {
        /// Requests that wait for their answer.
        requests: usize,
        /// Whether a message is being worked on.
        message: bool,
    },
}

impl Place {
    /// The address that people open: the one that was given, or its own. Where people are chosen by a click, only
    /// this machine may open it.
    pub fn base_url(&self) -> Result<Url, Error> {
        let Some(given) = &self.base_url else {
            return Url::parse(&format!("http://localhost:{}", self.port))
                .map_err(|error| Error::start("form the base address", error));
        };
        let is_pocket = matches!(self.sign_in, SignIn::Pocket { .. });
        let problem = match check_base_url(given) {
            Ok(()) if is_pocket && given.host() != Some(Host::Domain("localhost")) => {
                "must be localhost, unless --config names a registry with providers of yours"
            }
            Ok(()) => return Ok(given.clone()),
            Err(problem) => problem,
        };
        let mistake = Mistake { name: "--base-url".into(), problem: problem.into() };
        Err(Error::Settings(Mistakes(vec![mistake])))
    }

    /// What runs scripts here. Nothing is tried before it is asked for something.
    #[must_use]
    pub fn runner(&self) -> ChildRunner {
        let mut setup = Setup::of_gateway(&self.folder);
        setup.python.clone_from(&self.python);
        setup.package = gatelet_delivered::package();
        ChildRunner::new(setup)
    }

    /// The text of its registry, for the deployment with this address.
    pub fn registry_text(&self, base_url: &Url) -> Result<String, Error> {
        block_on(read_registry(&self.sign_in, base_url))
    }
}

/// Tries which isolation scripts get here.
pub fn sandbox(place: &Place) -> Result<SandboxReport, Error> {
    let runner = place.runner();
    block_on(async { unless_interrupted(async { Ok(runner.sandbox().await) }).await })
}

/// Installs the packages that an automation needs; false when it needs none. `tell` hears how far it is.
pub fn prepare_environment(
    place: &Place,
    automation: &Automation,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<bool, Error> {
    let runner = place.runner();
    let prepare = async {
        let prepared = runner.prepare(automation, tell).await;
        let doing = || format!("prepare the environment of {}", automation.name);
        prepared.map_err(|error| Error::start(doing(), error))
    };
    block_on(async { unless_interrupted(prepare).await })
}

/// Reads the settings as a start does.
pub fn check_settings() -> Result<(), Error> {
    read_settings().map(|_| ())
}

/// Serves until the process is asked to end, then finishes what it has begun.
pub fn serve(app: App, place: &Place, tell: impl Fn(Moment)) -> Result<Ended, Error> {
    let Opened { local, exporter } = open(place, place.catalog.read()?)?;
    let Local { parts, inbox, tickets } = local;
    block_on(async {
        let export = Export::start(exporter, &parts);
        let listener = listen(place.port, "--port").await?;
        load(&place.sign_in, &parts).await?;
        let provider = Provider::open(&place.sign_in, &parts).await?;
        // The first upkeep makes the signing key, without which nothing could be answered rightly.
        first_tick(&parts, app.on_tick).await?;
        let mut wishes = Wishes::listen()?;
        let (stop, stopping) = watch::channel(false);
        let (busy, waiting) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (on_message, for_worker) = (app.on_message, Arc::clone(&parts));
        let worker = Worker { parts: for_worker, inbox, on_message, busy: Arc::clone(&busy) };
        let worker = tokio::spawn(work(worker, stopping.clone()));
        let timer = tokio::spawn(keep_time(Arc::clone(&parts), app.on_tick, stopping.clone()));
        let exporting = tokio::spawn(keep_exporting(Arc::clone(&export), stopping.clone()));
        let provider = provider.map(|provider| provider.serve(stopping.clone()));
        let service =
            front(app.routes.and(ticket_routes(&tickets)), Gate::new(parts), Origin::Host);
        let service = service.layer(from_fn_with_state(Arc::clone(&waiting), counted));
        let service = service.layer(Extension(patience(&stopping)));
        let serving = axum::serve(listener, service).with_graceful_shutdown(told(stopping));
        let mut serving = pin!(serving.into_future());
        tell(Moment::Ready);
        let (outcome, ended) = tokio::select! {
            outcome = &mut serving => (outcome, Ended::Terminated),
            ended = wishes.next() => {
                let (requests, message) = (waiting.load(Ordering::Relaxed), busy.load(Ordering::Relaxed) > 0);
                tell(Moment::Ending { requests, message });
                stop.send_replace(true);
                (serving.await, ended)
            }
        };
        stop.send_replace(true);
        for task in [worker, timer, exporting].into_iter().chain(provider) {
            finished(task).await?;
        }
        export.flush().await;
        outcome.map(|()| ended).map_err(|error| Error::start("serve", error))
    })
}

/// Works on messages without serving anything, for instance beside a server on the same folder, until the process is
/// asked to end.
pub fn work_alone(
    on_message: OnMessage,
    place: &Place,
    tell: impl Fn(Moment),
) -> Result<Ended, Error> {
    let Opened { local, exporter } = open(place, place.catalog.read()?)?;
    let Local { parts, inbox, .. } = local;
    block_on(async {
        let export = Export::start(exporter, &parts);
        load(&place.sign_in, &parts).await?;
        let mut wishes = Wishes::listen()?;
        let (stop, stopping) = watch::channel(false);
        let busy = Arc::new(AtomicUsize::new(0));
        let worker = Worker { parts, inbox, on_message, busy: Arc::clone(&busy) };
        let exporting = tokio::spawn(keep_exporting(Arc::clone(&export), stopping.clone()));
        let worker = tokio::spawn(work(worker, stopping));
        tell(Moment::Ready);
        let ended = wishes.next().await;
        tell(Moment::Ending { requests: 0, message: busy.load(Ordering::Relaxed) > 0 });
        stop.send_replace(true);
        for task in [worker, exporting] {
            finished(task).await?;
        }
        export.flush().await;
        Ok(ended)
    })
}

/// Does one tick on the same folder, for instance beside a server that runs.
pub fn tick_once(on_tick: OnTick, place: &Place) -> Result<(), Error> {
    let Local { parts, .. } = open(place, place.catalog.read()?)?.local;
    block_on(async { unless_interrupted(first_tick(&parts, on_tick)).await })
}

/// Does one thing with the parts of this place, and ends. It needs no automation.
pub fn with_parts<T, E: From<Error>>(
    place: &Place,
    work: impl AsyncFnOnce(&Parts) -> Result<T, E>,
) -> Result<T, E> {
    let Local { parts, .. } = open(place, Catalog::default())?.local;
    block_on(async { unless_interrupted(work(&parts)).await })
}

/// What a command needs that has no store: the way to other servers, and chance.
pub struct Outside {
    /// Other servers; those on this machine without TLS too.
    pub web: Arc<dyn Web>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
}

/// Does one thing without a store, and ends.
pub fn outside<T, E: From<Error>>(
    work: impl AsyncFnOnce(&Outside) -> Result<T, E>,
) -> Result<T, E> {
    let outside =
        Outside { web: Arc::new(HttpWeb::with_loopback()), random: Arc::new(SystemRandom) };
    block_on(async { unless_interrupted(work(&outside)).await })
}

async fn first_tick(parts: &Parts, on_tick: OnTick) -> Result<(), Error> {
    on_tick(parts).await.map_err(|error| Error::start("finish the upkeep", error))
}

/// A place that was opened, and whoever takes its traces.
struct Opened {
    local: Local,
    exporter: Option<Exporter>,
}

fn open(place: &Place, catalog: Catalog) -> Result<Opened, Error> {
    let (level, exporter) = read_settings()?;
    telemetry::start(level, Format::Text);
    let base_url = place.base_url()?;
    let registry = place.sign_in.source(&base_url);
    let (catalog, runner) = (Arc::new(catalog), Arc::new(place.runner()));
    let local = Local::open(&place.folder, base_url, registry, Automations { catalog, runner })
        .map_err(|error| Error::start("open the store", error))?;
    Ok(Opened { local, exporter })
}

fn read_settings() -> Result<(EnvFilter, Option<Exporter>), Error> {
    let mut reader = Reader::environment();
    let level = telemetry::level(&mut reader);
    let exporter = Exporter::read(&mut reader);
    // Of the project's task runner. Whoever has it set starts the server from the same shell.
    reader.optional("GATELET_TOOLS_DIR");
    reader.finish()?;
    Ok((level, exporter))
}

/// Counts the requests that wait for their answer.
async fn counted(
    State(waiting): State<Arc<AtomicUsize>>,
    request: Request,
    next: Next,
) -> Response {
    /// Whoever asked may leave before the answer; then this is dropped too.
    struct Waiting(Arc<AtomicUsize>);
    impl Drop for Waiting {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    waiting.fetch_add(1, Ordering::Relaxed);
    let _waiting = Waiting(waiting);
    next.run(request).await
}

/// Lets an answer wait for what is to come, until the process is to end.
fn patience(stopping: &watch::Receiver<bool>) -> Patience {
    let stopping = stopping.clone();
    Patience::new(move |span| {
        let stopping = stopping.clone();
        Box::pin(async move {
            tokio::select! {
                () = told(stopping) => false,
                () = tokio::time::sleep(span) => true,
            }
        })
    })
}

async fn told(mut stopping: watch::Receiver<bool>) {
    // That the sender is gone means the same.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Waits for a task. One that has panicked goes on panicking here, because that is a bug of ours and no outage.
async fn finished(task: JoinHandle<()>) -> Result<(), Error> {
    match task.await {
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        ended => ended.map_err(|error| Error::start("end in order", error)),
    }
}
