//! Reading a registry: from TOML, with every mistake reported at once.

use std::fmt;

use serde::de::DeserializeOwned;
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

    /// The entry in its written form, or a note of what is wrong with it.
    pub(super) fn entry<T: DeserializeOwned>(&mut self, at: &str, value: &Value) -> Option<T> {
        match value.clone().try_into() {
            Ok(entry) => Some(entry),
            Err(error) => {
                let message = error.to_string();
                self.note(at, message.lines().next().unwrap_or("not readable"));
                None
            }
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
                notes.note("(document)", error.to_string().trim().replace('\n', " "));
                return Err(RegistryMistakes(notes.0));
            }
        };
        let registry = written::assemble(&table, base_url, hex_digest_of(&[text]), &mut notes);
        if notes.0.is_empty() { Ok(registry) } else { Err(RegistryMistakes(notes.0)) }
    }
}

/// Whether this deployment runs on somebody's own machine, where `http` to the loopback is as good as TLS.
pub(crate) fn is_local(base_url: &Url) -> bool {
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
