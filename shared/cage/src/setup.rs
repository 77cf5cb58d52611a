//! What a runner of scripts is told when it is made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Where and how scripts are run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The executable that answers to `cage`: the gateway's own, at best by `/proc/self/exe`, which stays itself when
    /// the file is replaced.
    pub executable: PathBuf,
    /// The Python to use, if it is not the first one that works of those in the usual places.
    pub python: Option<PathBuf>,
    /// The folder below which each run gets one of its own.
    pub scratch: PathBuf,
    /// The folder of the prepared environments.
    pub environments: PathBuf,
    /// What Python executes, by its path: `__main__.py`, which is given the folder of the script and puts it on the path,
    /// and what it needs.
    pub package: BTreeMap<String, Bytes>,
    /// The user (and group) that scripts run as where the gateway is root.
    pub user: u32,
    /// How much a script may use.
    pub limits: Limits,
    /// How long a script has for ending by itself once it was told to.
    pub grace: Duration,
}

impl Setup {
    /// That of a gateway whose store is this folder: it starts itself again, and has the prepared environments in the
    /// store, if the user that scripts run as can come there.
    #[must_use]
    pub fn of_gateway(store: &Path) -> Self {
        let store = absolute(store).unwrap_or_else(|_| store.to_owned());
        let environments = if crate::others_can_enter(&store) {
            store.join("environments")
        } else {
            SHARED.into()
        };
        Self::new("/proc/self/exe".into(), std::env::temp_dir(), environments)
    }

    /// The usual one for an executable, with everything below these two folders.
    #[must_use]
    pub fn new(executable: PathBuf, scratch: PathBuf, environments: PathBuf) -> Self {
        Self {
            executable,
            python: None,
            scratch,
            environments,
            package: BTreeMap::new(),
            user: NOBODY,
            limits: Limits::default(),
            grace: GRACE,
        }
    }
}

/// Where root keeps what scripts of another user read, if its own folder is closed to them.
const SHARED: &str = "/var/cache/gatelet/environments";

/// The user that has no rights on any system.
const NOBODY: u32 = 65_534;

/// How much a script may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of address space of each process.
    pub memory: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of everything in its scratch folder, measured while it runs.
    pub scratch: u64,
    /// Files in its scratch folder, measured too.
    pub entries: u64,
    /// Open descriptors of each process.
    pub descriptors: u64,
    /// Processes and threads.
    pub processes: u64,
    /// Seconds of computing of each process.
    pub seconds: u64,
}

/// Address space of each process.
const MEMORY: u64 = 2048 * 1024 * 1024;
/// One file.
const FILE: u64 = 256 * 1024 * 1024;
/// The scratch folder.
const SCRATCH: u64 = 512 * 1024 * 1024;
/// Files in it.
const ENTRIES: u64 = 20_000;
/// Open descriptors.
const DESCRIPTORS: u64 = 256;
/// Processes and threads.
const PROCESSES: u64 = 64;
/// Computing of each process.
const COMPUTING: Duration = Duration::from_hours(1);
/// Between being asked to end and being ended.
const GRACE: Duration = Duration::from_secs(5);

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: MEMORY,
            file: FILE,
            scratch: SCRATCH,
            entries: ENTRIES,
            descriptors: DESCRIPTORS,
            processes: PROCESSES,
            seconds: COMPUTING.as_secs(),
        }
    }
}
