//! Documents that people write: reading their entries strictly, with every mistake reported at once.

use serde::de::DeserializeOwned;
use toml::Value;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, such as `tenants.acme.region`.
    pub at: String,
    /// What is wrong with it.
    pub problem: String,
    /// In which line of the document, where that is known.
    pub line: Option<usize>,
}

/// Collects mistakes while a document is read.
#[derive(Default)]
pub(crate) struct Notes(pub(crate) Vec<Mistake>);

impl Notes {
    pub(crate) fn note(&mut self, at: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Mistake { at: at.into(), problem: problem.into(), line: None });
    }

    /// The entry in its written form, or a note of what is wrong with it. Each unknown member gets a note of its
    /// own, and what is left is read all the same.
    pub(crate) fn entry<T: DeserializeOwned>(&mut self, at: &str, value: &Value) -> Option<T> {
        let mut value = value.clone();
        loop {
            let error = match value.clone().try_into() {
                Ok(entry) => return Some(entry),
                Err(error) => error,
            };
            // "unknown field `x`, expected one of `y`, `z`"
            let words: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
            let unknown = error.message().starts_with("unknown field");
            let removed = words.split_first().filter(|_| unknown).and_then(|(name, known)| {
                value.as_table_mut()?.remove(*name)?;
                Some((*name, known))
            });
            let Some((name, known)) = removed else {
                self.note(at, without_value(error.message()));
                return None;
            };
            let meant = meant(name, known);
            let problem = format!("unknown; known are {}{meant}", known.join(", "));
            self.note(below(at, name), problem);
        }
    }

    /// The mistakes in the order of the document, each with its line.
    pub(crate) fn located(mut self, text: &str) -> Vec<Mistake> {
        for mistake in &mut self.0 {
            mistake.line = line_of_entry(text, &mistake.at);
        }
        self.0.sort_by_key(|mistake| mistake.line);
        self.0
    }
}

/// What is wrong with a text that is no TOML at all. Its own form would print the line, which may hold anything.
pub(crate) fn not_toml(text: &str, error: &toml::de::Error) -> Mistake {
    let line = error.span().map(|span| line_of(text, span.start));
    let problem = format!("not TOML ({})", error.message().trim().replace('\n', ", "));
    Mistake { at: "(document)".into(), problem, line }
}

/// A member's place. The document itself has none.
pub(crate) fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// The known word that somebody may have meant, for the end of a message.
pub(crate) fn meant(word: &str, known: &[&str]) -> String {
    crate::meant(word, known).map(|known| format!("; did you mean {known}?")).unwrap_or_default()
}

/// What a deserialiser complains of, without the value that it met: that may be a secret in the wrong place.
fn without_value(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    if !message.starts_with("invalid ") {
        return message.to_owned();
    }
    let expected = message.rsplit_once(", expected ").map_or("something else", |(_, end)| end);
    format!("must be {expected}")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The line of an entry such as `tenants.acme.region`, or of whatever above it is there.
fn line_of_entry(text: &str, at: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut found = None;
    for name in at.split('.') {
        let Some((key, value)) = table.get_key_value(name) else { break };
        found = Some(line_of(text, key.span().start));
        let DeValue::Table(inner) = value.get_ref() else { break };
        table = inner;
    }
    found
}
