//! What comes out of a run: checked against what the automation promises, and kept beside the row or as an object.

use bytes::Bytes;
use serde_json::Value;

use super::catalog::Automation;
use super::ending::{Outcome, result_key};
use super::row::{Artifact, Run};
use super::runs::partition;
use crate::clock::Timestamp;
use crate::objects::{ObjectName, Objects, Place};
use crate::outage::Outage;
use crate::records::{BadName, Records, StoreError};
use crate::tenant::TenantId;

use super::RunId;

/// The longest result that lies beside the row, as JSON.
pub const INLINE_BYTES: usize = 48 * 1024;
/// The longest result at all.
pub const RESULT_BYTES: usize = 5 * 1024 * 1024;

/// Where the object of a large result lies.
pub fn result_object(tenant: &TenantId, run: &RunId, fence: u32) -> Result<ObjectName, BadName> {
    ObjectName::new(Place::Files, format!("results/{tenant}/{run}/{fence}"))
}

/// Where a file lies that a run left.
pub fn artifact_object(run: &Run, artifact: &Artifact) -> Result<ObjectName, BadName> {
    let Run { tenant, id, .. } = run;
    let Artifact { fence, name, .. } = artifact;
    ObjectName::new(Place::Files, format!("artifacts/{tenant}/{id}/{fence}/{name}"))
}

/// Says what is wrong with a result, for the author of the script.
pub fn check_result(automation: &Automation, value: &Value) -> Result<(), String> {
    let kind = automation.result.get("kind").and_then(Value::as_str).unwrap_or("facts");
    match (kind, value) {
        ("table", Value::Array(rows)) => check_rows(automation, rows),
        ("table", Value::Object(table)) => match table.get("rows") {
            Some(Value::Array(rows)) => check_rows(automation, rows),
            _ => Err("a table is an object with the list `rows`".into()),
        },
        ("table", _) => Err("a table is a list of rows".into()),
        ("text", Value::String(_)) | ("facts", Value::Object(_)) => Ok(()),
        ("text", _) => Err("a text is a string".into()),
        (_, _) => Err("facts are an object".into()),
    }
}

fn check_rows(automation: &Automation, rows: &[Value]) -> Result<(), String> {
    let columns = automation.result.get("columns").and_then(Value::as_array);
    let names: Vec<&str> = columns
        .into_iter()
        .flatten()
        .filter_map(|column| column.get("name").and_then(Value::as_str))
        .collect();
    for (at, row) in rows.iter().enumerate() {
        let Value::Object(row) = row else {
            return Err(format!("row {at} is no object"));
        };
        if let Some(unknown) = row.keys().find(|key| !names.contains(&key.as_str())) {
            return Err(format!("row {at} has {unknown:?}, which is no column of the manifest"));
        }
        if row.values().any(|cell| cell.is_array() || cell.is_object()) {
            return Err(format!("row {at} has a list or an object in a cell"));
        }
    }
    Ok(())
}

/// Keeps a result: a large one becomes an object now, which nothing refers to until the run's end is stored.
pub(super) async fn keep(
    objects: &dyn Objects,
    run: &Run,
    value: &Value,
) -> Result<Outcome, StoreError> {
    let text = value.to_string().into_bytes();
    let bytes = text.len() as u64;
    if text.len() <= INLINE_BYTES {
        return Ok(Outcome { bytes, inline: Some(text) });
    }
    // One that is there already is this attempt's own: nobody else has its fence.
    let name = result_object(&run.tenant, &run.id, run.fence)?;
    let _ = objects.create(&name, Bytes::from(text)).await?;
    Ok(Outcome { bytes, inline: None })
}

/// Reads a run's result.
pub(super) async fn read(
    records: &dyn Records,
    objects: &dyn Objects,
    run: &Run,
    now: Timestamp,
) -> Result<Option<Value>, StoreError> {
    let Some(place) = &run.result else { return Ok(None) };
    let text = if place.is_object {
        let name = result_object(&run.tenant, &run.id, place.fence)?;
        objects.read(&name, 0, place.bytes).await?.map(Vec::from)
    } else {
        let partition = partition(&run.tenant, &run.id)?;
        records.get(&partition, &result_key()?, now).await?.map(|record| record.body)
    };
    let Some(text) = text else { return Ok(None) };
    let value = serde_json::from_slice(&text)
        .map_err(|error| Outage::harmless("read a run's result", error))?;
    Ok(Some(value))
}
