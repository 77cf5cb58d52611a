//! Which Python there is, and what of the system it needs to see.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;

/// How long a Python may take to say where it is.
const PATIENCE: Duration = Duration::from_secs(20);

/// The oldest one that scripts are written for.
const OLDEST: (u32, u32) = (3, 9);

/// Where one usually is, besides the first on the path.
const USUAL: [&str; 3] = ["python3", "/usr/bin/python3", "/usr/local/bin/python3"];

/// What it is asked.
const QUESTION: &str = "import sys, os, json; print(json.dumps({'version': sys.version_info[:3], \
    'program': os.path.realpath(sys.executable), 'prefix': os.path.realpath(sys.base_prefix), \
    'path': [os.path.realpath(p) for p in sys.path if p]}))";

/// What every program needs to be started, and Python's modules to do their work.
const SHARED: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/etc/mime.types",
];

/// What names are looked up with.
const NETWORK: &[&str] = &[
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
];

/// What starts a program that is linked with libraries.
const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];

/// A Python that can be started.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Python {
    version: (u32, u32, u32),
    program: PathBuf,
    prefix: PathBuf,
    path: Vec<PathBuf>,
}

impl Python {
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Such as `3.11`.
    pub(super) fn series(&self) -> String {
        format!("{}.{}", self.version.0, self.version.1)
    }

    /// Such as `3.11.2 at /usr/bin/python3.11`.
    pub(super) fn describe(&self) -> String {
        let (major, minor, patch) = self.version;
        format!("{major}.{minor}.{patch} at {}", self.program.display())
    }

    /// What it must be able to read.
    pub(super) fn readable(&self, network: bool) -> Vec<PathBuf> {
        let more = if network { NETWORK } else { &[] };
        let system = SHARED.iter().chain(more).map(PathBuf::from);
        system.chain(self.path.iter().cloned()).chain([self.prefix.join("lib")]).collect()
    }

    /// What it must be able to execute.
    pub(super) fn executable(&self) -> Vec<PathBuf> {
        LOADERS.iter().map(PathBuf::from).chain([self.program.clone()]).collect()
    }
}

/// Those that are there, the one that was asked for alone if one was; and why others are not.
pub(super) async fn candidates(asked_for: Option<&Path>) -> (Vec<Python>, Vec<String>) {
    let places = match asked_for {
        Some(path) => vec![path.to_owned()],
        None => USUAL.iter().map(PathBuf::from).collect(),
    };
    let (mut found, mut problems): (Vec<Python>, Vec<String>) = (Vec::new(), Vec::new());
    for place in places {
        match ask(&place).await {
            Ok(python) if found.iter().all(|other| other.program != python.program) => {
                found.push(python);
            }
            Ok(_) => {}
            Err(problem) => problems.push(format!("{}: {problem}", place.display())),
        }
    }
    (found, problems)
}

async fn ask(place: &Path) -> Result<Python, String> {
    let mut command = Command::new(place);
    command.args(["-I", "-S", "-B", "-c", QUESTION]).kill_on_drop(true);
    let asked = command.stdin(std::process::Stdio::null()).output();
    let answer = timeout(PATIENCE, asked).await.map_err(|_| "it does not answer".to_owned())?;
    let answer = answer.map_err(|error| error.to_string())?;
    let python: Python = serde_json::from_slice(&answer.stdout)
        .map_err(|_| "it does not answer as Python 3 does".to_owned())?;
    let (major, minor, _) = python.version;
    if (major, minor) < OLDEST {
        return Err(format!("version {major}.{minor} is too old"));
    }
    Ok(python)
}
