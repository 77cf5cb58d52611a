//! What removes an attempt's secrets from everything that its script says, before any of it is kept.

use serde_json::{Map, Value};

/// Removes secrets. One is made for each attempt, from the credentials that it was given.
pub trait Redact: Send + Sync {
    /// A text without them.
    fn text(&self, text: &str) -> String;

    /// Bytes of a file without them.
    fn bytes(&self, bytes: Vec<u8>) -> Vec<u8>;

    /// A document without them, member names included.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => Value::Object(self.members(members)),
            plain => plain.clone(),
        }
    }

    /// The same for the members of an object.
    fn members(&self, members: &Map<String, Value>) -> Map<String, Value> {
        members.iter().map(|(name, value)| (self.text(name), self.value(value))).collect()
    }
}

/// For attempts that were given no credential.
pub struct NoSecrets;

impl Redact for NoSecrets {
    fn text(&self, text: &str) -> String {
        text.to_owned()
    }

    fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }
}
