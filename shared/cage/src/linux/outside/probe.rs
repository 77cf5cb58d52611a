//! Which isolation a script gets here, found out by trying.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use gatelet_core::automation::{Level, Probe, SandboxReport};
use rustix::process::geteuid;

use super::super::plan::{Attacked, Plan, Role, Targets, Task, Walls};
use super::folder::{Content, Folder, remove_old};
use super::python::{Python, candidates};
use super::started::{Started, start};
use crate::setup::Setup;

/// Attacks on the gateway. Where all of them fail, a script cannot read it.
const ON_GATEWAY: [&str; 4] =
    ["gateway_environment", "gateway_memory", "gateway_descriptors", "new_rights"];
/// Ways to the outside.
const OUTWARDS: [&str; 3] = ["tcp_connect", "udp", "local_socket"];

/// What was found out.
pub(super) struct Probed {
    pub(super) report: SandboxReport,
    /// How scripts are run, if they can be.
    pub(super) found: Option<Found>,
}

/// How scripts are run.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) python: Python,
    pub(super) user: Option<u32>,
    /// What each cage must reach again.
    pub(super) walls: Walls,
}

/// Tries everything once.
pub(super) async fn probe(setup: &Setup) -> Probed {
    if let Err(error) = remove_old(&setup.scratch) {
        tracing::warn!(%error, "folders of earlier runs could not be removed");
    }
    let (mut probes, mut user) = (Vec::new(), geteuid().is_root().then_some(setup.user));
    let mut attacked = attack(setup, user).await;
    if let (Err(problem), Some(wanted)) = (&attacked, user) {
        let detail = format!("scripts cannot run as user {wanted}: {problem}");
        probes.push(Probe { name: "user".into(), holds: false, detail });
        user = None;
        attacked = attack(setup, user).await;
    }
    let (walls, attacked) = match attacked {
        Ok(built) => built,
        Err(problem) => {
            probes.push(Probe { name: "cage".into(), holds: false, detail: problem });
            return nothing(probes);
        }
    };
    probes.extend(described(&walls));
    probes.extend(attacked.into_iter().map(|Attacked { name, holds, detail }| Probe {
        name,
        holds,
        detail,
    }));
    let python = match choose(setup, user).await {
        Ok(python) => python,
        Err(detail) => {
            probes.insert(0, Probe { name: "python".into(), holds: false, detail });
            return nothing(probes);
        }
    };
    probes.insert(0, Probe { name: "python".into(), holds: true, detail: python.describe() });
    let network = if all(&probes, &OUTWARDS) { "none" } else { "unrestricted" };
    let report = SandboxReport { level: level(&walls, &probes), network: network.into(), probes };
    Probed { report, found: Some(Found { python, user, walls }) }
}

fn nothing(probes: Vec<Probe>) -> Probed {
    Probed {
        report: SandboxReport { level: Level::S0, network: "none".into(), probes },
        found: None,
    }
}

/// The level that follows.
fn level(walls: &Walls, probes: &[Probe]) -> Level {
    let is_whole = walls.landlock == "full" && walls.seccomp && walls.user != 0;
    if !all(probes, &ON_GATEWAY) {
        Level::S1
    } else if is_whole && probes.iter().all(|probe| probe.holds) {
        Level::S3
    } else {
        Level::S2
    }
}

fn all(probes: &[Probe], names: &[&str]) -> bool {
    let holds = |name: &&str| probes.iter().any(|probe| probe.name == *name && probe.holds);
    names.iter().all(holds)
}

fn described(walls: &Walls) -> [Probe; 3] {
    let own = geteuid().as_raw();
    let who = match walls.user {
        0 => "scripts run as root".to_owned(),
        user if user == own => {
            format!("scripts run as the gateway's own user {user}, who cannot read it")
        }
        user => format!("scripts run as user {user}, the gateway as {own}"),
    };
    let filtered =
        if walls.seccomp { "system calls are filtered" } else { "they are not filtered" };
    let files = match walls.landlock.as_str() {
        "full" => "the kernel holds every rule on files, ports and signals",
        "partial" => "this kernel is too old for some of the rules",
        _ => "this kernel has none, or it is switched off",
    };
    [
        ("user", walls.user != 0, who.as_str()),
        ("landlock", walls.landlock == "full", files),
        ("seccomp", walls.seccomp, filtered),
    ]
    .map(|(name, holds, detail)| Probe { name: name.into(), holds, detail: detail.into() })
}

/// Lets a cage attack the gateway and the system.
async fn attack(setup: &Setup, user: Option<u32>) -> Result<(Walls, Vec<Attacked>), String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let targets = Targets {
        gateway: std::process::id(),
        port,
        file: PathBuf::from("/etc/passwd"),
        folder: PathBuf::from("/var/tmp"),
    };
    let folder = empty(setup, user)?;
    let plan = plan(setup, &folder, user, Task::Attack(targets), (Vec::new(), Vec::new()));
    let Started { mut keeper, answers, mut messages, walls, output: _output } =
        start(&setup.executable, &plan).await?;
    let mut attacked = Vec::new();
    while let Ok(Some(line)) = messages.next().await {
        attacked.extend(serde_json::from_slice::<Attacked>(&line.bytes));
    }
    drop(answers);
    keeper.wait().await.map_err(|error| error.to_string())?;
    Ok((walls, attacked))
}

/// The first Python that can be started within the walls.
async fn choose(setup: &Setup, user: Option<u32>) -> Result<Python, String> {
    let (found, mut problems) = candidates(setup.python.as_deref()).await;
    for python in found {
        match try_python(setup, user, &python).await {
            Ok(()) => return Ok(python),
            Err(problem) => problems.push(format!("{}: {problem}", python.describe())),
        }
    }
    Err(format!("no Python that scripts can start; {}", problems.join("; ")))
}

async fn try_python(setup: &Setup, user: Option<u32>, python: &Python) -> Result<(), String> {
    let arguments = ["-I", "-S", "-B", "-X", "utf8", "-c", "import json, hashlib, ssl"];
    let arguments = arguments.map(str::to_owned).to_vec();
    let program = python.program().to_owned();
    let folder = empty(setup, user)?;
    let seen = (python.readable(false), python.executable());
    let plan = plan(setup, &folder, user, Task::Run { program, arguments }, seen);
    let Started { mut keeper, answers, mut output, .. } = start(&setup.executable, &plan).await?;
    let mut said = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut output, &mut said).await;
    let status = keeper.wait().await.map_err(|error| error.to_string())?;
    drop(answers);
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().last().unwrap_or("it says nothing");
    if status.success() { Ok(()) } else { Err(format!("{status}, {last}")) }
}

fn empty(setup: &Setup, user: Option<u32>) -> Result<Folder, String> {
    let files = BTreeMap::new();
    let content = Content { script: &files, package: &files };
    Folder::lay_out(&setup.scratch, user, &content).map_err(|error| {
        format!("could not lay out a folder in {}: {error}", setup.scratch.display())
    })
}

/// A plan without a network, for what can be read and executed.
fn plan(
    setup: &Setup,
    folder: &Folder,
    user: Option<u32>,
    task: Task,
    (readable, executable): (Vec<PathBuf>, Vec<PathBuf>),
) -> Plan {
    Plan {
        role: Role::Keeper,
        task,
        folder: folder.root().to_owned(),
        scratch: folder.scratch(),
        readable,
        executable,
        network: false,
        user,
        limits: setup.limits,
        grace_ms: u64::try_from(setup.grace.as_millis()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user: u32, landlock: &str, seccomp: bool, open: &[&str]) -> Level {
        let walls = Walls { cage: 1, user, landlock: landlock.into(), seccomp };
        let names = ON_GATEWAY.into_iter().chain(OUTWARDS).chain(["file_read", "program"]);
        let probe = |name: &str| {
            let holds = !open.contains(&name);
            Probe { name: name.into(), holds, detail: String::new() }
        };
        let probes: Vec<Probe> = described(&walls).into_iter().chain(names.map(probe)).collect();
        level(&walls, &probes)
    }

    #[test]
    fn a_level_is_what_holds_and_not_what_was_asked_for() {
        assert_eq!(of(65_534, "full", true, &[]), Level::S3);
        assert_eq!(of(65_534, "partial", true, &[]), Level::S2, "an older kernel");
        assert_eq!(of(65_534, "none", true, &["file_read", "udp"]), Level::S2);
        assert_eq!(of(65_534, "full", false, &[]), Level::S2, "without a filter");
        assert_eq!(of(65_534, "full", true, &["program"]), Level::S2, "said to be full and is not");
        assert_eq!(of(0, "full", true, &[]), Level::S2, "as root");
        for open in ON_GATEWAY {
            assert_eq!(of(65_534, "full", true, &[open]), Level::S1, "{open}");
        }
    }

    #[test]
    fn a_cage_that_is_weaker_than_the_one_that_was_probed_gets_nothing() {
        let walls = |user, landlock: &str, seccomp| Walls {
            cage: 1,
            user,
            landlock: landlock.into(),
            seccomp,
        };
        let probed = walls(65_534, "full", true);
        assert!(probed.reach(&probed));
        for weaker in [
            walls(0, "full", true),
            walls(65_534, "partial", true),
            walls(65_534, "none", true),
            walls(65_534, "full", false),
        ] {
            assert!(!weaker.reach(&probed), "{weaker:?}");
        }
        assert!(probed.reach(&walls(65_534, "none", false)));
    }
}
