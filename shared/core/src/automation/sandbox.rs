//! How well a script is kept apart from the gateway and from other scripts, as data that a run records.

use serde::{Deserialize, Serialize};

/// Levels of isolation. A higher one holds everything that a lower one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Level {
    /// None: no script runs at this level.
    S0,
    /// A process of its own: empty environment, closed descriptors, limits, a scratch folder, one group that is killed whole.
    S1,
    /// It cannot read the gateway's memory, environment or descriptors either.
    S2,
    /// The kernel also denies it files, signals, connections and calls that it does not need.
    S3,
    /// A virtual machine of its own without any identity in a cloud.
    S4,
}

/// No level has this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an isolation level is a number from 0 to 4")]
pub struct BadLevel;

impl TryFrom<u8> for Level {
    type Error = BadLevel;

    fn try_from(number: u8) -> Result<Self, BadLevel> {
        match number {
            0 => Ok(Self::S0),
            1 => Ok(Self::S1),
            2 => Ok(Self::S2),
            3 => Ok(Self::S3),
            4 => Ok(Self::S4),
            _ => Err(BadLevel),
        }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::S0 => 0,
            Level::S1 => 1,
            Level::S2 => 2,
            Level::S3 => 3,
            Level::S4 => 4,
        }
    }
}

/// What a host reaches, and how that was found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxReport {
    /// The level that follows from the probes.
    pub level: Level,
    /// Where a script can connect to: `none`, or `unrestricted` where nothing filters it.
    pub network: String,
    /// What was tried.
    pub probes: Vec<Probe>,
}

/// One thing that was tried in a process that ended afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What, in a stable word such as `landlock`.
    pub name: String,
    /// Whether the defence holds.
    pub holds: bool,
    /// What was seen, for people.
    pub detail: String,
}

impl SandboxReport {
    /// Of a host that runs no scripts.
    #[must_use]
    pub fn none() -> Self {
        let detail = "this host has no runner".to_owned();
        let probe = Probe { name: "runner".into(), holds: false, detail };
        Self { level: Level::S0, network: "none".into(), probes: vec![probe] }
    }
}
