//! The catalog: what can be run, each entry as its manifest declares it.

mod inputs;
mod manifest;
mod read;
mod result;
mod schema;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

pub use self::inputs::{INPUT_BYTES, InputMistake};
pub use self::manifest::{KEYS, MANIFEST, SCRIPT};
pub use self::read::{CatalogMistake, CatalogMistakes};
pub use self::schema::KEYWORDS;
use super::effect::Effect;
use super::sandbox::Level;

/// All automations of a deployment, by name.
pub struct Catalog {
    entries: LazyLock<Entries, Read>,
}

type Entries = BTreeMap<String, Arc<Automation>>;
type Read = Box<dyn FnOnce() -> Entries + Send>;

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

/// An input whose value is a file: the id of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInput<'a> {
    /// The input's name.
    pub name: &'a str,
    /// What kind of file it is.
    pub media_type: &'a str,
    /// The longest that it may be.
    pub max_bytes: u64,
    /// The file of the folder that shows what it looks like, if there is one.
    pub sample: Option<&'a str>,
}

impl Catalog {
    /// One that is read when it is first asked for something: most processes never ask.
    pub fn lazy(read: impl FnOnce() -> Self + Send + 'static) -> Self {
        let entries =
            move || read().iter().map(|one| (one.name.clone(), Arc::clone(one))).collect();
        Self { entries: LazyLock::new(Box::new(entries)) }
    }

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

impl Automation {
    /// The inputs that are files. They stand at the top of the schema, and nowhere else.
    #[must_use]
    pub fn file_inputs(&self) -> Vec<FileInput<'_>> {
        let properties = self.inputs.get("properties").and_then(Value::as_object);
        let file = |(name, schema)| {
            let (name, schema): (&String, &Value) = (name, schema);
            Some(FileInput {
                name,
                media_type: schema.get("contentMediaType")?.as_str()?,
                max_bytes: schema.get("x-max-bytes")?.as_u64()?,
                sample: schema.get("x-sample").and_then(Value::as_str),
            })
        };
        properties.into_iter().flatten().filter_map(file).collect()
    }
}

impl FromIterator<Automation> for Catalog {
    fn from_iter<I: IntoIterator<Item = Automation>>(entries: I) -> Self {
        let named = |entry: Automation| (entry.name.clone(), Arc::new(entry));
        let entries: Entries = entries.into_iter().map(named).collect();
        Self { entries: LazyLock::new(Box::new(move || entries)) }
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::from_iter([])
    }
}
