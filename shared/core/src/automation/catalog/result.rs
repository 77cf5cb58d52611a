//! What an automation answers: the form that its manifest declares.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Automation;
use super::manifest::is_name;
use crate::mistakes::{Notes, below, meant};

const KINDS: [&str; 3] = ["table", "facts", "text"];
/// The most columns or facts.
const MEMBERS: usize = 50;

/// Notes what is wrong with the declaration.
pub(super) fn check(result: &Value, notes: &mut Notes) {
    let Some(result) = result.as_object() else { return };
    let kind = result.get("kind").and_then(Value::as_str).unwrap_or_default();
    if !KINDS.contains(&kind) {
        let problem = format!("must be {}{}", KINDS.join(", "), meant(kind, &KINDS));
        notes.note("result.kind", problem);
        return;
    }
    let list = match kind {
        "table" => Some("columns"),
        "facts" => Some("facts"),
        _ => None,
    };
    for key in result.keys().filter(|key| *key != "kind" && Some(key.as_str()) != list) {
        notes.note(below("result", key), format!("is nothing that a result of kind {kind} has"));
    }
    if let Some(list) = list {
        members(list, result, notes);
    }
}

fn members(list: &str, result: &Map<String, Value>, notes: &mut Notes) {
    let at = below("result", list);
    let given = result.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() || given.len() > MEMBERS {
        notes.note(&at, format!("must be a list of 1 to {MEMBERS} tables with name and title"));
    }
    let mut names = BTreeSet::new();
    for (index, member) in given.iter().enumerate() {
        let at = format!("{at}.{index}");
        let text = |key: &str| member.get(key).and_then(Value::as_str).unwrap_or_default();
        if !is_name(text("name"), '_') || !names.insert(text("name")) {
            notes.note(
                &at,
                "name must be 1 to 64 of a-z 0-9 _, begin with a letter, and stand once",
            );
        }
        if text("title").trim().is_empty() {
            notes.note(&at, "title is missing, which people read");
        }
        let known = ["name", "title", "unit"];
        for key in member.as_object().into_iter().flat_map(Map::keys) {
            if !known.contains(&key.as_str()) {
                let meant = meant(key, &known);
                notes.note(&at, format!("{key} is unknown; known are {}{meant}", known.join(", ")));
            }
        }
    }
}

impl Automation {
    /// The declared columns of a table, in their order; none for another kind of result.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let columns = self.result.get("columns").and_then(Value::as_array);
        let names = columns.into_iter().flatten().filter_map(|column| column.get("name"));
        names.filter_map(Value::as_str).collect()
    }
}
