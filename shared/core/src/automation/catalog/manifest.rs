//! A manifest as it is written, key by key, and what each must be.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{Automation, Need, OnBusy, read, result, schema};
use crate::automation::effect::Effect;
use crate::automation::sandbox::Level;
use crate::connection::KINDS;
use crate::mistakes::{Notes, below, meant, not_toml};

/// The file that makes a folder an automation.
pub const MANIFEST: &str = "automation.toml";
/// The file that is run.
pub const SCRIPT: &str = "main.py";

/// Every key of a manifest and of its tables, for the reference. `*` stands for a name of the author's.
pub const KEYS: [&str; 19] = [
    "title",
    "summary",
    "version",
    "effect",
    "scope",
    "roles",
    "timeout_s",
    "attempts",
    "sandbox",
    "concurrency.limit",
    "concurrency.on_busy",
    "schedule.every_s",
    "connections.*.kind",
    "connections.*.title",
    "connections.*.may",
    "inputs",
    "result.kind",
    "result.columns",
    "result.facts",
];

/// Reads a manifest. It answers something only where nothing was noted that it could not read past.
pub(super) fn manifest(
    name: &str,
    text: &str,
    files: BTreeMap<String, Bytes>,
    notes: &mut Notes,
) -> Option<Automation> {
    if !is_name(name, '-') {
        notes.note("(folder)", "its name must be 1 to 64 of a-z 0-9 - and begin with a letter");
    }
    if files.get(SCRIPT).is_none_or(Bytes::is_empty) {
        notes.note("(folder)", format!("there is no {SCRIPT}, which is what runs"));
    }
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            notes.0.push(not_toml(text, &error));
            return None;
        }
    };
    let mut keys = Keys { at: String::new(), table: &table, known: Vec::new(), notes };
    let (title, summary) = (keys.text("title", 80), keys.text("summary", 200));
    let version = keys.text("version", 40);
    let effect: Option<Effect> = keys.required("effect", "reads, steps or unsafe");
    let scope = keys.get("scope").unwrap_or_else(|| "runs:write".to_owned());
    let roles = keys.get("roles").unwrap_or_default();
    let timeout = keys.number("timeout_s", 1..=86_400);
    if timeout.is_none() && !table.contains_key("timeout_s") {
        keys.notes.note("timeout_s", "missing; the longest that an attempt may take, in seconds");
    }
    let cautious = effect == Some(Effect::Unsafe);
    let attempts = keys.number("attempts", 1..=10).unwrap_or(if cautious { 1 } else { 3 });
    let sandbox = keys.number("sandbox", 0..=4).unwrap_or(if cautious { 2 } else { 1 });
    let (concurrency, on_busy) =
        keys.inner("concurrency", concurrency).unwrap_or((1, OnBusy::Queue));
    let schedule = keys.inner("schedule", schedule).flatten();
    let connections = keys.inner("connections", connections).unwrap_or_default();
    let inputs = keys.json("inputs");
    let result = keys.json("result");
    keys.finish();
    if let Some(inputs) = &inputs {
        schema::check(inputs, &files, notes);
    }
    if let Some(result) = &result {
        result::check(result, notes);
    }
    Some(Automation {
        name: name.to_owned(),
        title: title?,
        summary: summary?,
        version: version?,
        digest: read::digest(&files),
        effect: effect?,
        scope,
        roles,
        timeout: Duration::from_secs(timeout?),
        attempts: u32::try_from(attempts).ok()?,
        sandbox: u8::try_from(sandbox).ok().and_then(|number| Level::try_from(number).ok())?,
        concurrency,
        on_busy,
        schedule,
        connections,
        inputs: inputs?,
        result: result?,
        files,
    })
}

fn concurrency(keys: &mut Keys<'_>) -> (usize, OnBusy) {
    let limit = keys.number("limit", 1..=100).and_then(|limit| usize::try_from(limit).ok());
    let on_busy = keys.known_word("on_busy", "queue, reject or coalesce");
    (limit.unwrap_or(1), on_busy.unwrap_or(OnBusy::Queue))
}

fn schedule(keys: &mut Keys<'_>) -> Option<Duration> {
    keys.number("every_s", 60..=31 * 86_400).map(Duration::from_secs)
}

fn connections(keys: &mut Keys<'_>) -> BTreeMap<String, Need> {
    let names: Vec<String> = keys.table.keys().cloned().collect();
    let mut found = BTreeMap::new();
    for name in names {
        if !is_name(&name, '_') {
            let at = below(&keys.at, &name);
            keys.notes.note(at, "a name must be 1 to 64 of a-z 0-9 _ and begin with a letter");
        }
        if let Some(need) = keys.inner(&name, need).flatten() {
            found.insert(name, need);
        }
    }
    found
}

fn need(keys: &mut Keys<'_>) -> Option<Need> {
    let kind: Option<String> = keys.required("kind", &KINDS.join(", "));
    if let Some(kind) = kind.as_deref().filter(|kind| !KINDS.contains(kind)) {
        let meant = meant(kind, &KINDS);
        let at = below(&keys.at, "kind");
        keys.notes.note(at, format!("unknown; known are {}{meant}", KINDS.join(", ")));
    }
    let title = keys.text("title", 80);
    let may: Vec<String> = keys.get("may").unwrap_or_default();
    Some(Need { kind: kind?, title: title?, may })
}

/// Letters, digits and one more sign, beginning with a letter.
pub(super) fn is_name(text: &str, sign: char) -> bool {
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == sign;
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(plain)
        && text.len() <= 64
}

/// A table that is read key by key, so that each mistake is noted where it is.
struct Keys<'a> {
    at: String,
    table: &'a Table,
    known: Vec<String>,
    notes: &'a mut Notes,
}

impl Keys<'_> {
    fn value(&mut self, name: &str) -> Option<Value> {
        self.known.push(name.to_owned());
        self.table.get(name).cloned()
    }

    fn get<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.value(name)?;
        self.notes.entry(&below(&self.at, name), &value)
    }

    fn required<T: DeserializeOwned>(&mut self, name: &str, meaning: &str) -> Option<T> {
        if !self.table.contains_key(name) {
            self.notes.note(below(&self.at, name), format!("missing; {meaning}"));
        }
        self.known_word(name, meaning)
    }

    /// A word of a few.
    fn known_word<T: DeserializeOwned>(&mut self, name: &str, meaning: &str) -> Option<T> {
        let value = self.value(name)?;
        let read = value.try_into().ok();
        if read.is_none() {
            self.notes.note(below(&self.at, name), format!("must be {meaning}"));
        }
        read
    }

    fn text(&mut self, name: &str, longest: usize) -> Option<String> {
        let text: String = self.required(name, "a text for people")?;
        if text.trim().is_empty() || text.chars().count() > longest || text.contains('\n') {
            let at = below(&self.at, name);
            self.notes.note(at, format!("must be one line of 1 to {longest} characters"));
        }
        Some(text)
    }

    fn number(&mut self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(name)?;
        let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            let problem = format!("must be a whole number from {least} to {most}");
            self.notes.note(below(&self.at, name), problem);
        }
        number
    }

    /// A required table, as JSON.
    fn json(&mut self, name: &str) -> Option<serde_json::Value> {
        let Some(value) = self.value(name) else {
            self.notes.note(below(&self.at, name), "missing; a table");
            return None;
        };
        if !value.is_table() {
            self.notes.note(below(&self.at, name), "must be a table");
            return None;
        }
        if holds_moment(&value) {
            self.notes.note(below(&self.at, name), "write moments as text, in quotes");
            return None;
        }
        serde_json::to_value(value).ok()
    }

    /// What `read` makes of a table of this table. Its unknown keys are noted.
    fn inner<T>(&mut self, name: &str, read: impl FnOnce(&mut Keys<'_>) -> T) -> Option<T> {
        let value = self.value(name)?;
        let at = below(&self.at, name);
        let Value::Table(table) = &value else {
            self.notes.note(at, "must be a table");
            return None;
        };
        let mut keys = Keys { at, table, known: Vec::new(), notes: self.notes };
        let read = read(&mut keys);
        keys.finish();
        Some(read)
    }

    /// Notes the keys that nobody asked for.
    fn finish(self) {
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        for key in self.table.keys().filter(|key| !known.contains(&key.as_str())) {
            let meant = meant(key, &known);
            let problem = format!("unknown; known are {}{meant}", known.join(", "));
            self.notes.note(below(&self.at, key), problem);
        }
    }
}

/// Whether a moment stands in a value without quotes, for which JSON has no form.
fn holds_moment(value: &Value) -> bool {
    match value {
        Value::Datetime(_) => true,
        Value::Array(values) => values.iter().any(holds_moment),
        Value::Table(table) => table.values().any(holds_moment),
        _ => false,
    }
}
