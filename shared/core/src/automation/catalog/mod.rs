//! The catalog: what can be run, each entry as its manifest declares it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::effect::Effect;
use super::sandbox::Level;

/// All automations of a deployment, by name.
#[derive(Default)]
pub struct Catalog {
    entries: BTreeMap<String, Arc<Automation>>,
}

/// One entry: a folder with `automation.toml`, `main.py` and what belongs to them.
pub struct Automation {
    /// The folder's name: 1 to 64 of `a-z 0-9 -`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// The author's version.
    pub version: String,
    /// SHA-256 in hex over all files, which names exactly what was run.
    pub digest: String,
    /// What it does to the world outside.
    pub effect: Effect,
    /// The scope that starting it asks for.
    pub scope: String,
    /// The roles that may start it; all when empty.
    pub roles: Vec<String>,
    /// The longest that one attempt may take.
    pub timeout: Duration,
    /// How often it is attempted at most.
    pub attempts: u32,
    /// The least isolation.
    pub sandbox: Level,
    /// How many runs of a tenant go on at a time.
    pub concurrency: usize,
    /// What becomes of a run that is asked for when so many go on.
    pub on_busy: OnBusy,
    /// How often it starts by itself, in tenants whose configuration says so.
    pub schedule: Option<Duration>,
    /// The connections that it needs, by the name that the script uses.
    pub connections: BTreeMap<String, Need>,
    /// What may be asked of it: a closed JSON Schema 2020-12.
    pub inputs: Value,
    /// What it answers: see `docs/reference/automation-toml.md`.
    pub result: Value,
    /// Every file of the folder, by its path there.
    pub files: BTreeMap<String, Bytes>,
}

/// A connection that an automation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The kind of connection, such as `aws`.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// What it does there, such as `s3:ListAllMyBuckets`.
    pub may: Vec<String>,
}

/// What becomes of a run for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBusy {
    /// It waits.
    Queue,
    /// It is refused.
    Reject,
    /// Whoever asked is told the run that goes on.
    Coalesce,
}

impl Catalog {
    /// The entry of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Automation>> {
        self.entries.get(name)
    }

    /// All entries, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Automation>> {
        self.entries.values()
    }
}

impl FromIterator<Automation> for Catalog {
    fn from_iter<I: IntoIterator<Item = Automation>>(entries: I) -> Self {
        let named = |entry: Automation| (entry.name.clone(), Arc::new(entry));
        Self { entries: entries.into_iter().map(named).collect() }
    }
}
