//! The start document: everything that a script is given, in one text that travels through a pipe.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::automation::{Asked, FileRef, Run};
use crate::clock::Timestamp;
use crate::connection::Credential;
use crate::secrets::SecretBytes;

/// What a script is given besides what stands in its run's records.
pub struct Given<'a> {
    /// The content of its files, by the input's name.
    pub files: &'a BTreeMap<String, Bytes>,
    /// Its credentials, by the name of the need.
    pub credentials: &'a BTreeMap<String, Credential>,
    /// When its attempt is ended.
    pub deadline: Timestamp,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    run: &'a str,
    fence: u32,
    attempt: u32,
    deadline_ms: u64,
    automation: &'a str,
    inputs: &'a Value,
    files: BTreeMap<&'a str, File<'a>>,
    credentials: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    traceparent: Option<String>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    media_type: &'a str,
    base64: String,
}

/// The document. `None` when a secret is no text, so that it cannot stand in one.
#[must_use]
pub fn start_document(run: &Run, asked: &Asked, given: &Given<'_>) -> Option<SecretBytes> {
    let mut credentials = BTreeMap::new();
    for (name, credential) in given.credentials {
        let plain = credential.plain.iter();
        let mut members: BTreeMap<&str, &str> =
            plain.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for (member, secret) in &credential.secret {
            members.insert(member, str::from_utf8(secret.expose()).ok()?);
        }
        credentials.insert(name.as_str(), members);
    }
    let mut files = BTreeMap::new();
    for (name, content) in given.files {
        if let Some(FileRef { name: file, media_type, .. }) = asked.files.get(name) {
            files.insert(
                name.as_str(),
                File { name: file, media_type, base64: STANDARD.encode(content) },
            );
        }
    }
    let document = Document {
        v: 1,
        run: run.id.as_str(),
        fence: run.fence,
        attempt: run.attempt,
        deadline_ms: given.deadline.millis(),
        automation: &run.automation,
        inputs: &asked.inputs,
        files,
        credentials,
        traceparent: run.attempt_trace().map(|trace| trace.traceparent()),
    };
    serde_json::to_vec(&document).ok().map(SecretBytes::new)
}
