//! What a runner is invoked with, and what it answers in the end.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::key::AttemptKey;
use super::letter::ExitWord;
use crate::automation::{Exit, Job, SandboxReport};
use crate::secrets::SecretBytes;

/// Asks a runner what isolation it reaches.
pub(super) const PROBE: &[u8] = br#"{"probe":true}"#;

/// Everything a runner needs: the script, the start document, the way to its mailbox. Put together in one buffer, so
/// that the secrets in it stand in one place.
pub(super) fn payload(job: &Job, url: &str, key: &AttemptKey) -> SecretBytes {
    let files = job.automation.files.iter();
    let files: BTreeMap<&str, String> =
        files.map(|(name, content)| (name.as_str(), STANDARD.encode(content))).collect();
    let files = serde_json::json!(files).to_string();
    let (key, seconds) = (key.to_text(), job.timeout.as_secs().to_string());
    let url = serde_json::json!(url).to_string();
    let parts: [&[u8]; 11] = [
        br#"{"v":1,"url":"#,
        url.as_bytes(),
        br#","key":""#,
        key.as_bytes(),
        br#"","script":"#,
        files.as_bytes(),
        br#","timeout_s":"#,
        seconds.as_bytes(),
        br#","start":"#,
        job.start.expose(),
        b"}",
    ];
    let mut whole = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        whole.extend_from_slice(part);
    }
    SecretBytes::new(whole)
}

/// A runner's answer.
#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    exit: Option<ExitWord>,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    sandbox: Option<SandboxReport>,
}

/// How an invocation ended.
pub(super) enum End {
    /// The script ended so.
    Exit(Exit),
    /// It was not begun, for this reason.
    Refused(String),
    /// The runner said nothing that can be understood.
    Unclear,
}

pub(super) fn end_of(answer: &[u8]) -> End {
    match serde_json::from_slice(answer) {
        Ok(Answered { exit: Some(exit), .. }) => End::Exit(exit.exit()),
        Ok(Answered { refused: Some(why), .. }) => End::Refused(why),
        _ => End::Unclear,
    }
}

/// What a runner reports of its isolation.
pub(super) fn report_of(answer: &[u8]) -> Option<SandboxReport> {
    serde_json::from_slice::<Answered>(answer).ok()?.sandbox
}
