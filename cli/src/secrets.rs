//! `gatelet secrets`: what the gateway keeps to itself. Values go in, and none comes out.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Read as _};

use gatelet_core::clock::Timestamp;
use gatelet_core::meant;
use gatelet_core::parts::Parts;
use gatelet_core::secrets::own::{OwnSecret, renew};
use gatelet_core::secrets::{SecretBytes, SecretName};
use gatelet_host::plain::{Place, with_parts};
use serde_json::json;
use zeroize::Zeroizing;

use crate::arguments::SecretsCommand;
use crate::page::{Cell, Page};
use crate::say::{Answer, Failure};
use crate::voice::{Voice, rfc_3339};

/// The longest value that is taken, in bytes: a private key is a tenth of it.
const LONGEST: u64 = 20 * 1024;

/// Lists or rotates.
pub(crate) fn secrets(
    place: &Place,
    what: &SecretsCommand,
    voice: &Voice,
) -> Result<Answer, Failure> {
    // A provider's secret may be put before the first start, which demands it.
    if !matches!(what, SecretsCommand::Rotate { name, .. } if is_foreign(name)) {
        must_be_there(place)?;
    }
    // Read before the store is opened, so that whoever types it can think better of it.
    let given = match what {
        SecretsCommand::Rotate { name, .. } if is_foreign(name) => {
            known(name)?;
            Some(given()?)
        }
        _ => None,
    };
    with_parts(place, async |parts| match what {
        SecretsCommand::List => list(parts, voice).await,
        SecretsCommand::Rotate { name, yes } => rotate(parts, name, *yes, given.as_ref()).await,
    })
}

/// Whether a secret was made by somebody else: an identity provider, or a cloud that a tenant connects.
fn is_foreign(name: &str) -> bool {
    name.starts_with("provider-") || name.starts_with("connection-")
}

/// Commands that look into a store do not make one.
pub(crate) fn must_be_there(place: &Place) -> Result<(), Failure> {
    if place.folder.is_dir() {
        return Ok(());
    }
    let folder = place.folder.display();
    let failure = Failure::no(format!("there is no store in {folder}"));
    Err(failure.note("next", "name its folder with --folder, or start one: gatelet dev"))
}

/// Our own secrets, and those that the registry names.
async fn list(parts: &Parts, voice: &Voice) -> Result<Answer, Failure> {
    let now = parts.clock.now();
    let registry = parts.registry.current(now).await?;
    let own = OwnSecret::ALL.into_iter().map(|secret| secret.name().to_owned());
    let providers = registry.providers.values().map(|one| one.secret.as_str().to_owned());
    let tenants = registry.tenants.values().flat_map(|tenant| tenant.connections.values());
    let connections = tenants.filter_map(|one| Some(one.secret.as_ref()?.as_str().to_owned()));
    let names: BTreeSet<String> = own.chain(providers).chain(connections).collect();
    let mut rows = vec![vec!["name".into(), "newest version".into(), "readable".into()]];
    let mut listed = Vec::new();
    for name in names {
        let versions = parts.secrets.facts(&known(&name)?).await?.unwrap_or_default();
        let newest = versions.first().map(|newest| newest.created_at);
        let readable = versions.iter().filter(|version| version.enabled).count();
        let told = newest.map_or_else(|| "missing".into(), |newest| voice.moment(newest));
        rows.push(vec![name.clone().into(), told.into(), Cell::number(readable)]);
        listed.push(json!({
            "name": name,
            "created_at": newest.and_then(rfc_3339),
            "age_seconds": newest.map(|newest| now.since(newest).as_secs()),
            "readable_versions": readable,
        }));
    }
    Ok(Answer::found(Page::new().table(0, rows), json!({ "v": 1, "secrets": listed })))
}

async fn rotate(
    parts: &Parts,
    name: &str,
    yes: bool,
    given: Option<&SecretBytes>,
) -> Result<Answer, Failure> {
    let own = OwnSecret::ALL.into_iter().find(|secret| secret.name() == name);
    let version = match (own, given) {
        (Some(which), _) => {
            if !yes {
                refuse_haste(parts, which).await?;
            }
            renew(&*parts.secrets, which, &*parts.random).await?
        }
        (None, Some(given)) => parts.secrets.put(&known(name)?, given).await?,
        (None, None) => {
            let own = OwnSecret::ALL.map(OwnSecret::name);
            let failure = Failure::usage("there is no secret of this name that can be rotated");
            let next = meant(name, &own).map_or_else(
                || format!("name one of {}, provider-NAME, connection-NAME", own.join(", ")),
                |meant| format!("gatelet secrets rotate {meant}"),
            );
            return Err(failure.note("next", next));
        }
    };
    let version = version.as_str();
    let text =
        format!("Version {version} of {name} is in force; the one before it stays readable.");
    let json = json!({ "v": 1, "name": name, "version": version });
    Ok(Answer::done(Page::new().line(text), json))
}

/// Two versions are readable at any time. While things made with the one before the newest may still be under way,
/// it must not be pushed out.
async fn refuse_haste(parts: &Parts, which: OwnSecret) -> Result<(), Failure> {
    let versions = parts.secrets.facts(&known(which.name())?).await?.unwrap_or_default();
    let (Some(newest), true) = (versions.first(), versions.len() > 1) else { return Ok(()) };
    let now = parts.clock.now();
    if now.since(newest.created_at) >= which.in_use_for() {
        return Ok(());
    }
    let (name, free) = (which.name(), newest.created_at + which.in_use_for());
    let failure = Failure::no(format!("{name} was not rotated"));
    let cause = format!(
        "it was rotated {} ago; what was made before may still be in use",
        age(newest.created_at, now)
    );
    let next = format!("wait for {}, or end what is under way with --yes", until(free, now));
    Err(failure.note("cause", cause).note("next", next))
}

fn known(name: &str) -> Result<SecretName, Failure> {
    SecretName::new(name).map_err(|bad| Failure::usage(bad.to_string()))
}

/// The new value, as it comes on standard input, without the line break that an editor leaves at its end.
fn given() -> Result<SecretBytes, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let failure = Failure::usage("the new value must come on standard input");
        return Err(failure.note("next", "gatelet secrets rotate NAME < FILE"));
    }
    // Room for all of it from the start: a buffer that grows leaves copies behind.
    let room = usize::try_from(LONGEST).unwrap_or(0) + 1;
    let mut value = Zeroizing::new(Vec::with_capacity(room));
    let read = input.lock().take(LONGEST + 1).read_to_end(&mut value);
    read.map_err(|error| Failure::could_not("read the new value", &error))?;
    while value.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        value.pop();
    }
    match u64::try_from(value.len()) {
        Ok(1..=LONGEST) => Ok(SecretBytes::new(std::mem::take(&mut *value))),
        _ => Err(Failure::usage(format!("a value must be 1 to {LONGEST} bytes"))),
    }
}

/// How long ago a moment was, in the largest unit that says enough.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(since).as_secs();
    in_words(seconds, |unit| seconds / unit)
}

/// How long it is until a moment, rounded up.
pub(crate) fn until(moment: Timestamp, now: Timestamp) -> String {
    let seconds = moment.since(now).as_secs();
    in_words(seconds, |unit| seconds.div_ceil(unit))
}

fn in_words(seconds: u64, count: impl Fn(u64) -> u64) -> String {
    match seconds {
        0..120 => format!("{} s", count(1)),
        120..7_200 => format!("{} min", count(60)),
        7_200..172_800 => format!("{} h", count(3_600)),
        _ => format!("{} d", count(86_400)),
    }
}
