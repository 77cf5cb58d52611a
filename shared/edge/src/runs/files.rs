//! What a run leaves, as files: its table, its artifacts, its evidence, and the samples of an automation.

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use gatelet_core::audit::evidence;
use gatelet_core::automation::{Artifact, artifact_object};
use serde_json::Value;

use super::Desk;
use crate::Scope;
use crate::attachment::{Attachment, csv_cell};
use crate::problem::Problem;

/// The largest artifact that the gateway answers itself. A larger one is fetched from the store.
const DIRECT_BYTES: u64 = 4 * 1024 * 1024;

impl<S: Scope> Desk<S> {
    /// The file of an automation that shows what an input looks like. No other file of it is given away.
    pub fn sample(&self, name: &str, file: &str) -> Result<Attachment, Problem> {
        let automation = self.automation(name)?;
        let inputs = automation.file_inputs();
        let named = inputs.iter().find(|input| input.sample == Some(file));
        let content = named.and_then(|_| automation.files.get(file)).ok_or(Problem::NotFound)?;
        let media_type = named.map_or("", |input| input.media_type).to_owned();
        Ok(Attachment { name: file.to_owned(), media_type, content: Body::from(content.clone()) })
    }

    /// The whole table that a run has come to, as CSV.
    pub async fn csv(&self, id: &str) -> Result<Attachment, Problem> {
        let run = self.run(id).await?;
        let result = self.runs().result(&run, &*self.gate.objects, self.now).await?;
        let result = result.ok_or(Problem::NotFound)?;
        let rows = match &result {
            Value::Array(rows) => Some(rows),
            Value::Object(table) => table.get("rows").and_then(Value::as_array),
            _ => None,
        };
        let rows = rows.ok_or(Problem::NotFound)?;
        let automation = self.gate.automations.catalog.get(&run.automation);
        let mut columns: Vec<&str> = automation.map(|one| one.columns()).unwrap_or_default();
        for row in rows {
            // What a newer version of the automation no longer declares is not lost.
            let names = row.as_object().into_iter().flat_map(serde_json::Map::keys);
            for name in names.map(String::as_str) {
                if !columns.contains(&name) {
                    columns.push(name);
                }
            }
        }
        let mut text = line(columns.iter().map(|name| (*name).to_owned()));
        for row in rows {
            text.push_str(&line(columns.iter().map(|name| cell(row.get(*name)))));
        }
        let name = format!("{}-{}.csv", run.automation, run.id);
        Ok(Attachment { name, media_type: "text/csv; charset=utf-8".into(), content: text.into() })
    }

    /// A file that a run has left.
    pub async fn artifact(&self, id: &str, name: &str) -> Result<Response, Problem> {
        let run = self.run(id).await?;
        let artifact = run.artifacts.iter().find(|one| one.name == name);
        let artifact = artifact.ok_or(Problem::NotFound)?;
        let object = artifact_object(&run, artifact).map_err(|_| Problem::NotFound)?;
        let Artifact { name, media_type, bytes, .. } = artifact.clone();
        // Files are kept for 30 days, runs for longer.
        let part = if bytes > DIRECT_BYTES { 1 } else { bytes };
        let first = self.gate.objects.read(&object, 0, part).await?;
        let content = first.ok_or(Problem::NotFound)?;
        if bytes > DIRECT_BYTES {
            let address = self.gate.objects.download_address(&object, self.now).await?;
            return Ok(Redirect::to(address.expose().as_str()).into_response());
        }
        // One that is shorter than it was must not be taken for whole.
        if content.len() as u64 != bytes {
            return Err(Problem::Unavailable);
        }
        Ok(Attachment { name, media_type, content: content.into() }.into_response())
    }

    /// The run's audit chain as it is stored, and the line that closes it.
    pub async fn evidence(&self, id: &str) -> Result<Attachment, Problem> {
        let run = self.run(id).await?;
        let entries = self.runs().audit(&run, self.now).await?;
        let text = evidence(run.id.as_str(), entries.iter().map(Vec::as_slice));
        let name = format!("evidence-{}.jsonl", run.id);
        Ok(Attachment { name, media_type: "application/jsonl".into(), content: text.into() })
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| csv_cell(&cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
