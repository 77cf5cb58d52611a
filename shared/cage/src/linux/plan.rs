//! What a cage is told: one JSON document as its argument, in which stand paths and limits and nothing of a run.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::setup::Limits;

/// What to do, and within which walls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) role: Role,
    pub(crate) task: Task,
    /// The folder of the run, which is emptied in the end.
    pub(crate) folder: PathBuf,
    /// The folder in it that can be written.
    pub(crate) scratch: PathBuf,
    /// What can be read.
    pub(crate) readable: Vec<PathBuf>,
    /// What can be executed as well.
    pub(crate) executable: Vec<PathBuf>,
    /// Whether connections can be made.
    pub(crate) network: bool,
    /// The user to become, where the cage is root.
    pub(crate) user: Option<u32>,
    pub(crate) limits: Limits,
    pub(crate) grace_ms: u64,
}

/// Which of the two processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// Looks after the other one.
    Keeper,
    /// Limits itself, and does the task.
    Inmate,
}

/// What is done within the walls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Becomes this program.
    Run { program: PathBuf, arguments: Vec<String> },
    /// Tries what a hostile script would try.
    Attack(Targets),
}

/// What is attacked to see whether it can be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Targets {
    /// The gateway's process.
    pub(crate) gateway: u32,
    /// A port of the loopback interface at which somebody listens.
    pub(crate) port: u16,
    /// A file outside that everybody may read.
    pub(crate) file: PathBuf,
    /// A folder outside that everybody may write.
    pub(crate) folder: PathBuf,
}

/// The first line of a cage: it stands, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walls {
    /// Marks the line.
    pub(crate) cage: u8,
    /// Whom the inmate is.
    pub(crate) user: u32,
    /// How far the kernel holds the rules on files, ports and signals: `full`, `partial` or `none`.
    pub(crate) landlock: String,
    /// Whether system calls are filtered.
    pub(crate) seccomp: bool,
}

impl Walls {
    /// Whether these are no lower than those.
    pub(crate) fn reach(&self, other: &Self) -> bool {
        let height = |landlock: &str| match landlock {
            "full" => 2,
            "partial" => 1,
            _ => 0,
        };
        self.user == other.user
            && height(&self.landlock) >= height(&other.landlock)
            && self.seccomp >= other.seccomp
    }
}

/// What came of one attack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attacked {
    pub(crate) name: String,
    pub(crate) holds: bool,
    pub(crate) detail: String,
}

impl Plan {
    /// The argument.
    pub(crate) fn to_argument(&self) -> String {
        // Its members are text, numbers and lists of them, and paths that were made from text.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_argument(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}
