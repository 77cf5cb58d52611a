//! The schema of an automation's inputs: a closed subset of JSON Schema 2020-12, of which each keyword is both drawn as
//! a form and enforced. Anything else is a mistake, so that no form is less than what the server asks for.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::inputs::{INPUT_BYTES, validator};
use super::manifest::is_name;
use crate::mistakes::{Notes, below, meant};

/// How deep objects and arrays may stand in each other.
const DEPTH: usize = 4;
/// The largest file that an input takes.
const FILE_BYTES: u64 = 25 * 1024 * 1024;

/// Every keyword that a schema may have, and to what it belongs: a type, `any` of them, a `choice` among given values,
/// or a `file`.
pub const KEYWORDS: [(&str, &str); 27] = [
    ("type", "any"),
    ("title", "any"),
    ("description", "any"),
    ("default", "any"),
    ("x-order", "any"),
    ("x-widget", "any"),
    ("x-sensitive", "any"),
    ("properties", "object"),
    ("required", "object"),
    ("additionalProperties", "object"),
    ("enum", "choice"),
    ("const", "choice"),
    ("oneOf", "choice"),
    ("minLength", "string"),
    ("maxLength", "string"),
    ("pattern", "string"),
    ("format", "string"),
    ("contentMediaType", "string"),
    ("x-sample", "file"),
    ("x-max-bytes", "file"),
    ("minimum", "number"),
    ("maximum", "number"),
    ("x-unit", "number"),
    ("items", "array"),
    ("minItems", "array"),
    ("maxItems", "array"),
    ("uniqueItems", "array"),
];

const TYPES: [&str; 6] = ["object", "string", "integer", "number", "boolean", "array"];
const FORMATS: [&str; 4] = ["date", "date-time", "uri", "email"];
const WIDGETS: [&str; 4] = ["checkboxes", "radios", "select", "textarea"];

/// Notes what is wrong with a schema.
pub(super) fn check(schema: &Value, files: &BTreeMap<String, Bytes>, notes: &mut Notes) {
    let before = notes.0.len();
    let mut walk = Walk { files, notes };
    walk.node("inputs", schema, Role::Root, DEPTH);
    if notes.0.len() > before {
        return;
    }
    // What the walk lets pass and the compiler does not is a pattern.
    if let Err(problem) = validator(schema) {
        notes.note("inputs", problem);
        return;
    }
    defaults("inputs", schema, notes);
}

/// What a schema describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// All inputs.
    Root,
    /// One of them. Only there can a file stand.
    Input,
    /// A member of an object within.
    Member,
    /// What an array holds.
    Item,
}

struct Walk<'a> {
    files: &'a BTreeMap<String, Bytes>,
    notes: &'a mut Notes,
}

impl Walk<'_> {
    fn node(&mut self, at: &str, schema: &Value, role: Role, depth: usize) {
        let Some(schema) = schema.as_object() else {
            self.notes.note(at, "must be a schema, which is a table");
            return;
        };
        let kind = schema.get("type").and_then(Value::as_str).filter(|kind| TYPES.contains(kind));
        let Some(kind) = kind else {
            self.notes.note(below(at, "type"), format!("must be one of {}", TYPES.join(", ")));
            return;
        };
        if role == Role::Root && kind != "object" {
            self.notes.note(below(at, "type"), "must be object: the inputs are its members");
        }
        if depth == 0 {
            self.notes.note(at, format!("stands deeper than {DEPTH} levels"));
            return;
        }
        self.keywords(at, schema, kind);
        if !matches!(role, Role::Root | Role::Item) && !is_text(schema.get("title"), 80) {
            self.notes.note(
                below(at, "title"),
                "missing; the label that people read, of 80 characters at most",
            );
        }
        match kind {
            "object" => self.object(at, schema, role, depth),
            "array" => self.array(at, schema, depth),
            "string" => self.string(at, schema, role),
            "integer" | "number" => self.number(at, schema),
            _ => {}
        }
        self.choice(at, schema);
    }

    /// Only known keywords, each where it belongs.
    fn keywords(&mut self, at: &str, schema: &Map<String, Value>, kind: &str) {
        let is_file = schema.contains_key("contentMediaType");
        for keyword in schema.keys() {
            let place = below(at, keyword);
            if keyword == "$ref" {
                self.notes
                    .note(place, "a schema refers to nothing: write out what it would refer to");
                continue;
            }
            let Some((_, of)) = KEYWORDS.iter().find(|(known, _)| known == keyword) else {
                let known: Vec<&str> = KEYWORDS.iter().map(|(known, _)| *known).collect();
                let meant = meant(keyword, &known);
                self.notes.note(place, format!("no form draws this keyword{meant}"));
                continue;
            };
            let fits = match *of {
                "any" => true,
                "choice" => matches!(kind, "string" | "integer" | "number"),
                "number" => matches!(kind, "integer" | "number"),
                "file" => is_file,
                of => of == kind,
            };
            if !fits {
                self.notes.note(place, format!("belongs to a {of}, and this is a {kind}"));
            }
        }
        let sound = |keyword: &str, is: fn(&Value) -> bool| schema.get(keyword).is_none_or(is);
        for (keyword, is, what) in [
            ("description", (|value| value.is_string()) as fn(&Value) -> bool, "a text"),
            ("x-order", Value::is_u64, "a whole number"),
            ("x-sensitive", Value::is_boolean, "true or false"),
            ("x-unit", Value::is_string, "a text"),
            ("uniqueItems", Value::is_boolean, "true or false"),
        ] {
            if !sound(keyword, is) {
                self.notes.note(below(at, keyword), format!("must be {what}"));
            }
        }
        self.among(at, schema, "x-widget", &WIDGETS);
        self.among(at, schema, "format", &FORMATS);
    }

    fn among(&mut self, at: &str, schema: &Map<String, Value>, keyword: &str, known: &[&str]) {
        let Some(value) = schema.get(keyword) else { return };
        let word = value.as_str().unwrap_or_default();
        if !known.contains(&word) {
            let meant = meant(word, known);
            self.notes.note(below(at, keyword), format!("known are {}{meant}", known.join(", ")));
        }
    }

    fn object(&mut self, at: &str, schema: &Map<String, Value>, role: Role, depth: usize) {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            self.notes.note(
                below(at, "additionalProperties"),
                "must be false: what is not declared is refused",
            );
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            // An automation may ask for nothing.
            if role != Role::Root || schema.contains_key("properties") {
                self.notes.note(below(at, "properties"), "must be a table of schemas");
            }
            return;
        };
        let within = if role == Role::Root { Role::Input } else { Role::Member };
        for (name, inner) in properties {
            let place = format!("{at}.properties.{name}");
            if !is_name(name, '_') {
                self.notes
                    .note(&place, "a name must be 1 to 64 of a-z 0-9 _ and begin with a letter");
            }
            self.node(&place, inner, within, depth - 1);
        }
        let known: Vec<&str> = properties.keys().map(String::as_str).collect();
        let required = schema
            .get("required")
            .map_or(Some(&[][..]), |value| value.as_array().map(Vec::as_slice));
        let Some(required) = required else {
            self.notes.note(below(at, "required"), "must be a list of names");
            return;
        };
        for name in required {
            let name = name.as_str().unwrap_or_default();
            if !known.contains(&name) {
                let meant = meant(name, &known);
                self.notes
                    .note(below(at, "required"), format!("there is no property {name:?}{meant}"));
            }
        }
    }

    fn array(&mut self, at: &str, schema: &Map<String, Value>, depth: usize) {
        match schema.get("items") {
            Some(items) => self.node(&below(at, "items"), items, Role::Item, depth - 1),
            None => self.notes.note(below(at, "items"), "missing; what the list holds"),
        }
        self.bounds(at, schema, ("minItems", "maxItems"), 1_000);
        if !schema.contains_key("maxItems") {
            self.notes.note(below(at, "maxItems"), "missing; a list has an end");
        }
    }

    fn string(&mut self, at: &str, schema: &Map<String, Value>, role: Role) {
        self.bounds(at, schema, ("minLength", "maxLength"), INPUT_BYTES as u64);
        let bounded = ["maxLength", "enum", "const", "oneOf", "contentMediaType"];
        let is_moment =
            matches!(schema.get("format").and_then(Value::as_str), Some("date" | "date-time"));
        if !is_moment && !bounded.iter().any(|keyword| schema.contains_key(*keyword)) {
            self.notes.note(below(at, "maxLength"), "missing; a text has an end");
        }
        if schema.contains_key("contentMediaType") {
            self.file(at, schema, role);
        }
    }

    fn file(&mut self, at: &str, schema: &Map<String, Value>, role: Role) {
        if role != Role::Input {
            self.notes.note(at, "a file is an input of its own, and not part of another");
        }
        let media_type = schema.get("contentMediaType").and_then(Value::as_str);
        if media_type.is_none_or(|text| {
            text.len() > 100 || text.split('/').filter(|part| !part.is_empty()).count() != 2
        }) {
            self.notes.note(below(at, "contentMediaType"), "must be a media type such as text/csv");
        }
        let bytes = schema.get("x-max-bytes").and_then(Value::as_u64);
        if bytes.is_none_or(|bytes| !(1..=FILE_BYTES).contains(&bytes)) {
            let problem = format!("must be a whole number from 1 to {FILE_BYTES}");
            self.notes.note(below(at, "x-max-bytes"), problem);
        }
        let Some(sample) = schema.get("x-sample") else { return };
        let known: Vec<&str> = self.files.keys().map(String::as_str).collect();
        let sample = sample.as_str().unwrap_or_default();
        if !known.contains(&sample) || sample.contains('/') {
            let meant = meant(sample, &known);
            self.notes
                .note(below(at, "x-sample"), format!("there is no such file in the folder{meant}"));
        }
    }

    fn number(&mut self, at: &str, schema: &Map<String, Value>) {
        let of = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        if schema.contains_key("enum")
            || schema.contains_key("const")
            || schema.contains_key("oneOf")
        {
            return;
        }
        for keyword in ["minimum", "maximum"] {
            if of(keyword).is_none() {
                self.notes.note(below(at, keyword), "missing; a number has bounds");
            }
        }
        if of("minimum").zip(of("maximum")).is_some_and(|(least, most)| least > most) {
            self.notes.note(below(at, "minimum"), "is more than the maximum");
        }
    }

    fn bounds(
        &mut self,
        at: &str,
        schema: &Map<String, Value>,
        (least, most): (&str, &str),
        end: u64,
    ) {
        let of = |keyword: &str| schema.get(keyword).map(Value::as_u64);
        for keyword in [least, most] {
            if of(keyword).is_some_and(|number| number.is_none_or(|number| number > end)) {
                self.notes
                    .note(below(at, keyword), format!("must be a whole number from 0 to {end}"));
            }
        }
        if of(least).flatten().zip(of(most).flatten()).is_some_and(|(least, most)| least > most) {
            self.notes.note(below(at, least), format!("is more than {most}"));
        }
    }

    fn choice(&mut self, at: &str, schema: &Map<String, Value>) {
        if let Some(values) = schema.get("enum") {
            let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
            if values.is_empty() || values.len() > 200 || !values.iter().all(is_scalar) {
                self.notes.note(below(at, "enum"), "must be a list of 1 to 200 texts or numbers");
            }
        }
        let Some(choices) = schema.get("oneOf") else { return };
        let choices = choices.as_array().map(Vec::as_slice).unwrap_or_default();
        let sound = |choice: &Value| {
            let choice = choice.as_object();
            choice.is_some_and(|choice| {
                choice.get("const").is_some_and(is_scalar)
                    && is_text(choice.get("title"), 80)
                    && choice
                        .keys()
                        .all(|key| matches!(key.as_str(), "const" | "title" | "description"))
            })
        };
        if choices.is_empty() || choices.len() > 200 || !choices.iter().all(sound) {
            let problem = "must be a list of 1 to 200 tables, each with const and title, and a description at most";
            self.notes.note(below(at, "oneOf"), problem);
        }
    }
}

/// A default is what a form begins with, so it must be something that may be sent.
fn defaults(at: &str, schema: &Value, notes: &mut Notes) {
    if let Some(default) = schema.get("default")
        && validator(schema).is_ok_and(|validator| !validator.is_valid(default))
    {
        notes.note(below(at, "default"), "is not what the schema allows");
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        defaults(&format!("{at}.properties.{name}"), inner, notes);
    }
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn is_text(value: Option<&Value>, longest: usize) -> bool {
    let text = value.and_then(Value::as_str).map(str::trim);
    text.is_some_and(|text| !text.is_empty() && text.chars().count() <= longest)
}
