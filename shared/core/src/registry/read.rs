//! Reading a registry: from TOML, with every mistake reported at once.

use std::fmt;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};
use url::{Host, Url};

use super::{Registry, written};
use crate::digest::hex_digest_of;

/// One thing that is wrong with a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryMistake {
    /// Where, such as `tenants.acme.region`.
    pub at: String,
    /// What is wrong with it.
    pub problem: String,
    /// In which line of the document, where that is known.
    pub line: Option<usize>,
}

/// Everything that is wrong with a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RegistryMistakes(pub Vec<RegistryMistake>);

impl fmt::Display for RegistryMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the registry is not usable:")?;
        for RegistryMistake { at, problem, line } in &self.0 {
            write!(f, "\n  ")?;
            line.map_or(Ok(()), |line| write!(f, "line {line}: "))?;
            write!(f, "{at}: {problem}")?;
        }
        Ok(())
    }
}

/// Collects mistakes while a registry is read.
#[derive(Default)]
pub(super) struct Notes(Vec<RegistryMistake>);

impl Notes {
    pub(super) fn note(&mut self, at: impl Into<String>, problem: impl Into<String>) {
        self.0.push(RegistryMistake { at: at.into(), problem: problem.into(), line: None });
    }

    /// The entry in its written form, or a note of what is wrong with it. Each unknown member gets a note of its
    /// own, and what is left is read all the same.
    pub(super) fn entry<T: DeserializeOwned>(&mut self, at: &str, value: &Value) -> Option<T> {
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
            self.note(format!("{at}.{name}"), problem);
        }
    }
}

impl Registry {
    /// Reads the registry of the deployment with this address.
    pub fn read(text: &str, base_url: &Url) -> Result<Self, RegistryMistakes> {
        let mut notes = Notes::default();
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                // Its own form would print the line, which may hold anything.
                let line = error.span().map(|span| line_of(text, span.start));
                let problem = format!("not TOML ({})", error.message().trim().replace('\n', ", "));
                let mistake = RegistryMistake { at: "(document)".into(), problem, line };
                return Err(RegistryMistakes(vec![mistake]));
            }
        };
        let registry = written::assemble(&table, base_url, hex_digest_of(&[text]), &mut notes);
        if notes.0.is_empty() {
            return Ok(registry);
        }
        for mistake in &mut notes.0 {
            mistake.line = line_of_entry(text, &mistake.at);
        }
        notes.0.sort_by_key(|mistake| mistake.line);
        Err(RegistryMistakes(notes.0))
    }
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

/// The known word that somebody may have meant, for the end of a message.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    crate::meant(word, known).map(|known| format!("; did you mean {known}?")).unwrap_or_default()
}

/// Whether this deployment runs on somebody's own machine, where `http` to the loopback is as good as TLS.
#[must_use]
pub fn is_local(base_url: &Url) -> bool {
    base_url.scheme() == "http" && base_url.host() == Some(Host::Domain("localhost"))
}

/// An address with TLS, or one on this machine when we are on it too.
pub(super) fn check_address(text: &str, base_url: &Url) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("not an address ({error})"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("an address needs a host".into()),
    };
    let plain = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        _ if plain => Err("must not hold a user name or password".into()),
        _ if url.query().is_some() || url.fragment().is_some() => {
            Err("must not have a query or a fragment".into())
        }
        "https" => Ok(url),
        "http" if loopback && is_local(base_url) => Ok(url),
        _ => Err("must be https".into()),
    }
}
