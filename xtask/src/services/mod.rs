//! Starts the emulators, the real Redis and the OpenID provider, each on a free loopback port in a scratch folder.

mod authority;
mod azurite;
mod dynamodb_local;
mod key_vault;
mod ministack;
mod oidc_provider;
mod python_functions;
mod ready;
mod redis;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use self::authority::Authority;
use crate::run::{Failure, Reaper, Result, failure, log_streams, tail};
use crate::tools;

/// How long a service may take until it answers, on a busy machine with two cores.
const PATIENCE: Duration = Duration::from_mins(2);

/// Something that listens for the tests.
pub(crate) struct Service {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The tools that must be installed.
    pub(crate) tools: &'static [&'static str],
    plan: fn(&Room) -> Result<Plan>,
}

/// Where a service keeps its files, beside the others of its house.
struct Room {
    folder: PathBuf,
    house: PathBuf,
}

impl Room {
    /// The house's certificate authority, made for the first service that needs it.
    fn authority(&self) -> Result<Authority> {
        authority::of(&self.house.join("authority"))
    }
}

/// What a service is started with and how the tests find it.
struct Plan {
    command: Command,
    answers: ready::Answers,
    exports: Vec<(&'static str, String)>,
}

/// Every service.
pub(crate) const SERVICES: &[Service] = &[
    Service { name: "redis", tools: &["redis-server"], plan: redis::plan },
    Service { name: "ministack", tools: &["ministack", "openssl"], plan: ministack::plan },
    Service { name: "dynamodb-local", tools: &["dynamodb-local"], plan: dynamodb_local::plan },
    Service { name: "azurite", tools: &["azurite", "openssl"], plan: azurite::plan },
    Service {
        name: "oidc-provider",
        tools: &["oidc-provider", "openssl"],
        plan: oidc_provider::plan,
    },
    Service {
        name: "python-functions",
        tools: &["azure-functions", "openssl"],
        plan: python_functions::plan,
    },
    Service { name: "key-vault", tools: &["cryptography", "openssl"], plan: key_vault::plan },
];

/// The service of that name.
pub(crate) fn find(name: &str) -> Result<&'static Service> {
    SERVICES.iter().find(|service| service.name == name).ok_or_else(|| {
        let known: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        failure!("no service is called `{name}`; there are {}", known.join(", "))
    })
}

/// The services that run; they stop and their folders go when this is dropped.
pub(crate) struct House {
    reaper: Reaper,
    scratch: PathBuf,
    running: Vec<(&'static str, Child)>,
    /// What the tests read from their environment.
    pub(crate) exports: Vec<(&'static str, String)>,
    /// The services that did not start, and why.
    pub(crate) missing: Vec<(&'static str, Failure)>,
}

impl House {
    /// An empty house, ready to be filled.
    pub(crate) fn open() -> Result<Self> {
        let reaper = Reaper::start()?;
        let scratch = std::env::temp_dir().join(format!("gatelet-{}", std::process::id()));
        fs::create_dir_all(&scratch)?;
        reaper.remove_at_end(&scratch)?;
        Ok(Self { reaper, scratch, running: Vec::new(), exports: Vec::new(), missing: Vec::new() })
    }

    /// What ends and clears away with this house.
    pub(crate) fn reaper(&self) -> &Reaper {
        &self.reaper
    }

    /// Starts services side by side and waits until each answers or has failed.
    pub(crate) fn start(&mut self, services: &[&'static Service], logs: &Path) {
        let begun = Instant::now();
        let mut started = Vec::new();
        for service in services {
            let log = logs.join(format!("service-{}.log", service.name));
            match self.launch(service, &log) {
                Ok((child, plan)) => started.push((service.name, child, plan, log)),
                Err(why) => self.turn_away(service.name, why),
            }
        }
        for (name, mut child, plan, log) in started {
            let outcome = ready::wait(&plan.answers, &mut child, begun + PATIENCE);
            let seconds = begun.elapsed().as_secs_f64();
            self.running.push((name, child));
            match outcome {
                Ok(()) => {
                    println!("  {name:<16} answers after {seconds:.1} s");
                    self.exports.extend(plan.exports);
                }
                Err(why) => self.turn_away(name, failure!("{why}\n{}", tail(&log, 20))),
            }
        }
    }

    fn launch(&self, service: &Service, log: &Path) -> Result<(Child, Plan)> {
        let folder = self.scratch.join(service.name);
        fs::create_dir_all(&folder)?;
        let room = Room { folder: folder.clone(), house: self.scratch.clone() };
        let mut plan = (service.plan)(&room)?;
        let (out, error) = log_streams(log)?;
        plan.command.current_dir(&folder).env("TMPDIR", &folder).stdout(out).stderr(error);
        let child = self.reaper.spawn(&mut plan.command)?;
        Ok((child, plan))
    }

    fn turn_away(&mut self, name: &'static str, why: Failure) {
        println!("  {name:<16} did not start: {why}");
        self.missing.push((name, why));
    }

    /// The name of a service that has ended though nobody asked it to.
    fn fallen(&mut self) -> Option<&'static str> {
        let ended = |child: &mut Child| matches!(child.try_wait(), Ok(Some(_)));
        self.running.iter_mut().find_map(|(name, child)| ended(child).then_some(*name))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let mut children: Vec<Child> = self.running.drain(..).map(|(_, child)| child).collect();
        self.reaper.reap(&mut children);
    }
}

/// Starts services, says where they are, and stays. False if one of them could not be started.
pub(crate) fn serve(only: &[String], env_file: Option<&Path>) -> Result<bool> {
    let wanted = if only.is_empty() {
        SERVICES.iter().collect()
    } else {
        only.iter().map(|name| find(name)).collect::<Result<Vec<_>>>()?
    };
    let lacking = tools::lacking(wanted.iter().flat_map(|service| service.tools));
    let mut house = House::open()?;
    let logs = house.scratch.join("logs");
    let (able, unable): (Vec<_>, Vec<_>) = wanted
        .into_iter()
        .partition(|service| !service.tools.iter().any(|tool| lacking.contains_key(tool)));
    house.start(&able, &logs);
    let complete = unable.is_empty() && house.missing.is_empty();

    let mut lines = String::new();
    for (name, value) in &house.exports {
        lines.extend(["export ", name, "=", value, "\n"]);
    }
    if let Some(file) = env_file {
        house.reaper.remove_at_end(file)?;
        let fresh = file.with_extension("new");
        fs::write(&fresh, &lines)?;
        fs::rename(&fresh, file)?;
    }
    println!("{lines}Logs: {}\nCtrl-C stops all.", logs.display());
    if house.running.is_empty() {
        return Ok(complete);
    }
    loop {
        thread::sleep(Duration::from_secs(1));
        if let Some(name) = house.fallen() {
            return Err(failure!(
                "{name} has ended:\n{}",
                tail(&logs.join(format!("service-{name}.log")), 40)
            ));
        }
    }
}

/// A port of the loopback address that nobody uses.
///
/// Another process could take it before the service does; the service then fails to start and says
/// so, which a second run cures.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
