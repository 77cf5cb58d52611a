//! A tenant's connections as they are written, and what each must be.

use std::collections::BTreeMap;

use toml::{Table, Value};
use url::Url;

use super::read::check_address;
use crate::connection::{Connection, KINDS, KindFacts, facts};
use crate::mistakes::{Notes, below, meant};
use crate::secrets::SecretName;

/// Reads the connections that stand at `at`. One with a mistake is left out.
pub(super) fn connections(
    at: &str,
    written: &BTreeMap<String, Table>,
    base_url: &Url,
    notes: &mut Notes,
) -> BTreeMap<String, Connection> {
    let mut found = BTreeMap::new();
    for (name, table) in written {
        let place = below(at, name);
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !name.bytes().all(plain) || !(1..=40).contains(&name.len()) {
            notes.note(&place, "a name must be 1 to 40 characters of a-z 0-9 -");
        }
        if let Some(connection) = connection(name, &place, table, base_url, notes) {
            found.insert(name.clone(), connection);
        }
    }
    found
}

fn connection(
    name: &str,
    at: &str,
    table: &Table,
    base_url: &Url,
    notes: &mut Notes,
) -> Option<Connection> {
    let kind = table.get("kind").and_then(Value::as_str).unwrap_or_default();
    let Some(facts) = facts(kind) else {
        let meant = meant(kind, &KINDS);
        notes.note(below(at, "kind"), format!("must be {}{meant}", KINDS.join(", ")));
        return None;
    };
    let settings = settings(at, table, &facts, notes);
    for address in facts.addresses {
        if let Some(Err(problem)) = settings.get(*address).map(|text| check_address(text, base_url))
        {
            notes.note(below(at, address), problem);
        }
    }
    let secret = table.get("secret").and_then(Value::as_str).map(SecretName::new);
    let Some(Ok(secret)) = secret
        .filter(|name| name.as_ref().is_ok_and(|name| name.as_str().starts_with("connection-")))
    else {
        // The value is not repeated: it may be the secret itself.
        let problem =
            "give the name of a secret in the vault, of a-z 0-9 - and beginning with connection-";
        notes.note(below(at, "secret"), format!("{problem}; it holds {}", facts.secret));
        return None;
    };
    Some(Connection {
        name: name.to_owned(),
        kind: kind.to_owned(),
        secret: Some(secret),
        settings,
    })
}

fn settings(
    at: &str,
    table: &Table,
    facts: &KindFacts,
    notes: &mut Notes,
) -> BTreeMap<String, String> {
    let known: Vec<&str> = facts.required.iter().chain(facts.optional).copied().collect();
    for name in facts.required.iter().filter(|name| !table.contains_key(**name)) {
        notes.note(below(at, name), "missing");
    }
    let mut found = BTreeMap::new();
    for (name, value) in
        table.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "secret"))
    {
        let place = below(at, name);
        match value.as_str() {
            _ if !known.contains(&name.as_str()) => {
                let meant = meant(name, &known);
                notes.note(
                    place,
                    format!("unknown; known are kind, secret, {}{meant}", known.join(", ")),
                );
            }
            Some(text) if !text.is_empty() && text.len() <= 500 => {
                found.insert(name.clone(), text.to_owned());
            }
            _ => notes.note(place, "must be a text of 1 to 500 characters"),
        }
    }
    found
}
