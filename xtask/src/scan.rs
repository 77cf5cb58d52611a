//! Looks through all that the parts have written for what must never be written: tokens, cookies, codes, keys,
//! addresses of people.

use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::run::{Result, failure};

/// What must not stand in a log, and its shape.
const SHAPES: [(&str, &str); 6] = [
    ("a signed token", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}"),
    ("a cookie's value", r"bff_(session|login_[0-9])=[A-Za-z0-9_.-]{20,}"),
    ("a refresh token", r"\b[0-9a-f]{32}\.[0-9]+\.[A-Za-z0-9_-]{43}\b"),
    ("an authorization code", r"\b[0-9a-f]{32}\.[A-Za-z0-9_-]{43}\b|[?&]code=[A-Za-z0-9_.-]{16,}"),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("a person's e-mail address", r"\b[A-Za-z0-9._-]+@[a-z0-9-]+\.example\b"),
];

/// Everything found in the logs of these parts, a line each; it names what was found and where, never the thing.
pub(crate) fn leaks(logs: &Path, parts: &[&str], secrets: &[&str]) -> Result<Vec<String>> {
    let mut shapes = Vec::new();
    for (what, pattern) in SHAPES {
        let shape = Regex::new(pattern).map_err(|error| failure!("{what}: {error}"))?;
        shapes.push((what, shape));
    }
    let mut found = Vec::new();
    for part in parts {
        let bytes = fs::read(logs.join(format!("{part}.log")))?;
        for (number, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            let shape =
                shapes.iter().find(|(_, shape)| shape.is_match(line)).map(|(what, _)| *what);
            let secret =
                secrets.iter().any(|secret| line.contains(secret)).then_some("a secret of the run");
            if let Some(what) = shape.or(secret) {
                found.push(format!("{part}.log:{}: {what}", number.saturating_add(1)));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::leaks;

    #[test]
    fn finds_each_kind_and_lets_ordinary_lines_pass() {
        let folder = std::env::temp_dir().join(format!("gatelet-scan-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (hex, tag) = ("0af7651916cd43dd8448eb211c80319c", "A".repeat(43));
        let bad = [
            format!("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0x.{tag}"),
            format!("cookie: __Host-bff_session={tag}"),
            format!("set bff_login_3=v1.{tag}"),
            format!("refresh {hex}.7.{tag}"),
            format!("code {hex}.{tag}"),
            "GET /auth/callback/x?state=a&code=0123456789abcdef".into(),
            "-----BEGIN PRIVATE KEY-----".into(),
            "ada@acme.example signed in".into(),
            "the run's own: hunter2-hunter2".into(),
        ];
        let good = [
            "answered a request route=/auth/session trace_id=0af7651916cd43dd8448eb211c80319c",
            "test ok",
        ];
        std::fs::write(folder.join("bad.log"), bad.join("\n")).unwrap();
        std::fs::write(folder.join("good.log"), good.join("\n")).unwrap();
        let found = leaks(&folder, &["bad", "good"], &["hunter2-hunter2"]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found.len(), bad.len(), "{found:?}");
        assert!(found.iter().all(|line| line.starts_with("bad.log:") && !line.contains(&tag)));
    }
}
