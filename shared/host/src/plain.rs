//! The plain door: one process on one machine, with a server, a worker and a timer of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gatelet_core::outage::{Chain, Outage};
use gatelet_core::parts::Parts;
use gatelet_core::random::Random;
use gatelet_core::web::Web;
use gatelet_edge::work::{OnMessage, OnTick, Verdict, receive};
use gatelet_edge::{Gate, Origin, Routes, front};
use gatelet_local::SqliteQueue;
use gatelet_local::pocket::PEOPLE;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::SystemRandom;
use crate::error::Error;
pub use crate::local::SignIn;
use crate::local::{Local, Provider, listen, load, read_registry, ticket_routes};
use crate::runtime::block_on;
use crate::settings::Reader;
use crate::telemetry::{self, Format};
use crate::web::HttpWeb;

/// How long a message is the worker's before it is delivered again.
const MESSAGE_LEASE: Duration = Duration::from_mins(5);
/// How long the worker waits before it looks into an empty queue again.
const QUEUE_PAUSE: Duration = Duration::from_millis(200);
/// How long a part of the process waits after an outage.
const OUTAGE_PAUSE: Duration = Duration::from_secs(2);
/// The timer's period.
const TICK: Duration = Duration::from_mins(1);

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
    /// Who says who somebody is.
    pub sign_in: SignIn,
}

impl Place {
    /// The address under which it answers.
    pub fn base_url(&self) -> Result<Url, Error> {
        Url::parse(&format!("http://localhost:{}", self.port))
            .map_err(|error| Error::start("form the base address", error))
    }

    /// The text of its registry, for the deployment with this address.
    pub fn registry_text(&self, base_url: &Url) -> Result<String, Error> {
        block_on(read_registry(&self.sign_in, base_url))
    }
}

/// Reads the settings as a start does.
pub fn check_settings() -> Result<(), Error> {
    read_settings().map(|_| ())
}

/// Serves until the process is asked to end, then finishes what it has begun.
pub fn serve(app: App, place: &Place) -> Result<(), Error> {
    let Local { parts, inbox, tickets } = open(place)?;
    block_on(async {
        let next = "choose another port with --port";
        let listener = listen(place.port).await.map_err(|error| error.with_next(next))?;
        load(&place.sign_in, &parts).await?;
        let provider = Provider::open(&place.sign_in, &parts).await?;
        // The first upkeep makes the signing key, without which nothing could be answered rightly.
        first_tick(&parts, app.on_tick).await?;
        announce(place);
        let (stop, stopping) = watch::channel(false);
        let worker =
            tokio::spawn(work(Arc::clone(&parts), inbox, app.on_message, stopping.clone()));
        let timer = tokio::spawn(keep_time(Arc::clone(&parts), app.on_tick, stopping.clone()));
        let provider = provider.map(|provider| provider.serve(stopping));
        let routes = app.routes.and(ticket_routes(&tickets));
        let service = front(routes, Gate::new(parts), Origin::Host);
        let served = axum::serve(listener, service).with_graceful_shutdown(asked_to_end()).await;
        stop.send_replace(true);
        for task in [worker, timer].into_iter().chain(provider) {
            task.await.map_err(|error| Error::start("end in order", error))?;
        }
        served.map_err(|error| Error::start("serve", error))
    })
}

/// Does one tick on the same folder, for instance beside a server that runs.
pub fn tick_once(on_tick: OnTick, place: &Place) -> Result<(), Error> {
    with_parts(place, async |parts| first_tick(parts, on_tick).await)
}

/// Does one thing with the parts of this place, and ends.
pub fn with_parts<T, E: From<Error>>(
    place: &Place,
    work: impl AsyncFnOnce(&Parts) -> Result<T, E>,
) -> Result<T, E> {
    let Local { parts, .. } = open(place)?;
    block_on(async { work(&parts).await })
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
    block_on(async { work(&outside).await })
}

async fn first_tick(parts: &Parts, on_tick: OnTick) -> Result<(), Error> {
    on_tick(parts).await.map_err(|error| Error::start("finish the upkeep", error))
}

fn open(place: &Place) -> Result<Local, Error> {
    telemetry::start(read_settings()?, Format::Text);
    let base_url = place.base_url()?;
    let registry = place.sign_in.source(&base_url);
    Local::open(&place.folder, base_url, registry)
        .map_err(|error| Error::start("open the store", error))
}

fn read_settings() -> Result<EnvFilter, Error> {
    let mut reader = Reader::environment();
    let level = telemetry::level(&mut reader);
    reader.finish()?;
    Ok(level)
}

fn announce(place: &Place) {
    let (folder, port) = (place.folder.display(), place.port);
    let embedded = format!("records, queue, secrets and objects in {folder}");
    let (people, local_only) = match &place.sign_in {
        SignIn::Pocket { port } => {
            let people: Vec<String> =
                PEOPLE.iter().map(|human| format!("{} ({})", human.name, human.place)).collect();
            let provider = format!("identity provider on http://127.0.0.1:{port}");
            (people.join("\n              "), format!("{provider},\n              {embedded}"))
        }
        SignIn::Registry(file) => {
            (format!("whoever the registry {} admits", file.display()), embedded)
        }
    };
    let text = format!(
        "Gatelet {} answers on http://localhost:{port}\n\n  \
         Sign in as  {people}\n  \
         Local only  {local_only}\n\n\
         Stop with Ctrl+C; everything stays.\n",
        env!("CARGO_PKG_VERSION")
    );
    // Nobody may be listening to this output, and the server works all the same.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

async fn work(
    parts: Arc<Parts>,
    inbox: Arc<SqliteQueue>,
    on_message: OnMessage,
    mut stopping: watch::Receiver<bool>,
) {
    while !*stopping.borrow() {
        let pause = match work_once(&parts, &inbox, on_message).await {
            Ok(true) => continue,
            Ok(false) => QUEUE_PAUSE,
            Err(outage) => {
                tracing::error!(error = %Chain(&outage), "the queue is away");
                OUTAGE_PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Works on one message; false when none is waiting.
async fn work_once(
    parts: &Parts,
    inbox: &SqliteQueue,
    on_message: OnMessage,
) -> Result<bool, Outage> {
    let now = parts.clock.now();
    let Some(delivery) = inbox.receive(now, MESSAGE_LEASE).await? else {
        return Ok(false);
    };
    match receive(parts, &delivery.text, on_message).await {
        Verdict::Done | Verdict::Discard => {
            inbox.delete(&delivery).await?;
        }
        // Its lease runs out, and it is delivered again.
        Verdict::Retry => {}
    }
    Ok(true)
}

async fn keep_time(parts: Arc<Parts>, on_tick: OnTick, mut stopping: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(TICK);
    // An interval's first tick is due at once, and has been done.
    ticks.tick().await;
    while !*stopping.borrow() {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = on_tick(&parts).await {
                    tracing::error!(error = %Chain(error.as_ref()), "upkeep");
                }
            }
            _ = stopping.changed() => {}
        }
    }
}

/// Waits for Ctrl-C or a polite request to terminate.
async fn asked_to_end() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let Ok(mut terminate) = terminate else {
        tracing::warn!("cannot listen for SIGTERM; only Ctrl-C ends this process in order");
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
