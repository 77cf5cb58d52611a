//! What must be there before a script begins, in an order in which nothing secret is touched for a run that cannot
//! begin: the automation as it was asked for, the isolation that it demands, the connections, and only then their
//! credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Beginning, Given, Gone, Holder, start_document};
use crate::automation::catalog::Automation;
use crate::automation::{Asked, Effect, Ending, Failure, Redactor, Run, Runs, SandboxReport};
use crate::clock::Timestamp;
use crate::connection::{Broker, Credential, NoCredential};
use crate::objects::{ObjectName, Place};
use crate::outage::{Chain, Outage};
use crate::parts::Parts;
use crate::secrets::SecretBytes;
use bytes::Bytes;

type Credentials = BTreeMap<String, Credential>;

/// A script that can begin.
pub struct Ready {
    /// What is run.
    pub automation: Arc<Automation>,
    /// Everything that the script is given.
    pub start: SecretBytes,
    /// What is noted before it gets that.
    pub beginning: Beginning,
    /// Removes the script's secrets from what it says.
    pub redactor: Redactor,
}

/// Makes a run ready, or says how its attempt ends without having begun.
pub async fn make_ready(
    parts: &Parts,
    holder: &Holder<'_>,
    automation: Option<Arc<Automation>>,
) -> Result<Result<Ready, Ending>, Gone> {
    let run = holder.run().await;
    let Some(automation) = automation else { return Ok(Err(failed("unknown_automation"))) };
    if automation.digest != run.digest {
        return Ok(Err(failed("automation_changed")));
    }
    let sandbox = parts.automations.runner.sandbox().await;
    if sandbox.level < automation.sandbox {
        return Ok(Err(too_open(&automation, &sandbox)));
    }
    let runs = Runs::new(&*parts.records, &*parts.random);
    let asked = match runs.asked(&run.tenant, &run.id, parts.clock.now()).await {
        Ok(Some(asked)) => asked,
        Ok(None) => return Ok(Err(failed("input_missing"))),
        Err(away) => return Err(Gone::Away(away)),
    };
    Ok(gather(parts, &run, &asked, (automation, sandbox)).await)
}

async fn gather(
    parts: &Parts,
    run: &Run,
    asked: &Asked,
    (automation, sandbox): (Arc<Automation>, SandboxReport),
) -> Result<Ready, Ending> {
    let files = files(parts, asked).await?;
    let credentials = credentials(parts, run, asked, &automation).await?;
    let deadline = parts.clock.now() + automation.timeout;
    let given = Given { files: &files, credentials: &credentials, deadline };
    let start =
        start_document(run, asked, &given).ok_or_else(|| failed("credential_unavailable"))?;
    // A secret that cannot be kept out of logs is not given to a script.
    let redactor = Redactor::of(&credentials).map_err(|error| {
        Ending::Failed(Failure::saying("credential_unavailable", &error.to_string()))
    })?;
    let ends = credentials.values().filter_map(|credential| credential.ends_at).max();
    let beginning = Beginning {
        sandbox,
        credential_ends_at: ends,
        recover_at: recover_at(&automation, &credentials, deadline),
    };
    // The credentials themselves end here; what is left of them is the start document and the redactor.
    Ok(Ready { automation, start, beginning, redactor })
}

/// Until when a script may act whose worker is gone. One that only reads may be begun beside its own shadow.
fn recover_at(
    automation: &Automation,
    credentials: &Credentials,
    deadline: Timestamp,
) -> Option<Timestamp> {
    let ends = credentials.values().map(|credential| credential.ends_at.unwrap_or(deadline));
    ends.max().filter(|_| automation.effect != Effect::Reads)
}

async fn files(parts: &Parts, asked: &Asked) -> Result<BTreeMap<String, Bytes>, Ending> {
    let mut found = BTreeMap::new();
    for (name, file) in &asked.files {
        let object = ObjectName::new(Place::Files, file.object.as_str())
            .map_err(|_| failed("input_missing"))?;
        let content = parts.objects.read(&object, 0, file.bytes).await;
        let content = content.map_err(|outage| later("input_missing", &outage))?;
        let whole = content.filter(|content| content.len() as u64 == file.bytes);
        found.insert(name.clone(), whole.ok_or_else(|| failed("input_missing"))?);
    }
    Ok(found)
}

async fn credentials(
    parts: &Parts,
    run: &Run,
    asked: &Asked,
    automation: &Automation,
) -> Result<Credentials, Ending> {
    if automation.connections.is_empty() {
        return Ok(Credentials::new());
    }
    let now = parts.clock.now();
    let registry = parts.registry.current(now).await;
    let registry = registry.map_err(|outage| later("credential_unavailable", &outage))?;
    let connections = registry.connections_of(&run.tenant);
    let broker = Broker::new(&*parts.secrets, &*parts.web);
    let mut found = Credentials::new();
    for (name, need) in &automation.connections {
        let chosen = asked.connections.get(name).and_then(|chosen| connections.get(chosen));
        let connection = chosen
            .filter(|connection| connection.kind == need.kind)
            .ok_or_else(|| failed("connection_missing"))?;
        let credential = broker.credential(connection, need, now).await;
        found.insert(name.clone(), credential.map_err(|error| no_credential(&error))?);
    }
    Ok(found)
}

fn no_credential(error: &NoCredential) -> Ending {
    match error {
        NoCredential::Away(outage) => later("credential_unavailable", outage),
        NoCredential::Incomplete(..) => {
            Ending::Failed(Failure::saying("connection_missing", &error.to_string()))
        }
        NoCredential::Refused(_) => {
            Ending::Failed(Failure::saying("credential_unavailable", &error.to_string()))
        }
    }
}

fn too_open(automation: &Automation, here: &SandboxReport) -> Ending {
    let (minimum, here) = (u8::from(automation.sandbox), u8::from(here.level));
    let message = format!("It asks for isolation level {minimum}, and this host reaches {here}.");
    Ending::Failed(Failure::saying("sandbox_unavailable", &message))
}

/// Something is away, and nothing was begun.
fn later(code: &str, outage: &Outage) -> Ending {
    tracing::error!(error = %Chain(outage), code, "a run could not be made ready");
    Ending::NotBegun(Failure::of(code))
}

fn failed(code: &str) -> Ending {
    Ending::Failed(Failure::of(code))
}
