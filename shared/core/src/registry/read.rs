//! Reading a registry: from TOML, with every mistake reported at once.

use std::fmt;

use toml::Table;
use url::{Host, Url};

use super::{Registry, RegistryMistake, written};
use crate::digest::hex_digest_of;
use crate::mistakes::{Notes, not_toml};

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

impl Registry {
    /// Reads the registry of the deployment with this address.
    pub fn read(text: &str, base_url: &Url) -> Result<Self, RegistryMistakes> {
        let mut notes = Notes::default();
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return Err(RegistryMistakes(vec![not_toml(text, &error)])),
        };
        let registry = written::assemble(&table, base_url, hex_digest_of(&[text]), &mut notes);
        if notes.0.is_empty() {
            return Ok(registry);
        }
        Err(RegistryMistakes(notes.located(text)))
    }
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
