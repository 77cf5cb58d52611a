//! Takes a run's credentials out of everything that its script says.
//!
//! This is the second line of defence: a script that wants to tell a secret to somebody can disguise it in ways that
//! nobody lists. The first line is that it gets only what it may use, and only for a while.

mod detect;
mod forms;
mod stream;

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde_json::{Map, Value};

pub use self::stream::{RedactedLines, RedactedStream};
use crate::connection::Credential;
use crate::secrets::SecretBytes;

/// The fewest bytes of a secret that can be looked for. A shorter one would be found in ordinary words.
pub const LEAST: usize = 6;

/// A secret is too short to be looked for, or there are too many of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret value {name} cannot be kept out of logs: it has fewer than {LEAST} bytes")]
pub struct Unmaskable {
    /// Its name, such as `cloud.secret_access_key`.
    pub name: String,
}

/// Knows the secret values of one run in every usual spelling. It is wiped with the run.
pub struct Redactor {
    patterns: Option<AhoCorasick>,
    /// Whose pattern it is, by the pattern's number; those of [`detect::ANCHORS`] come first.
    owners: Vec<usize>,
    names: Vec<String>,
    longest: usize,
}

impl Redactor {
    /// For these secret values, by name. Each is looked for as it is, line by line, and in the usual encodings.
    pub fn new<'a>(
        secrets: impl IntoIterator<Item = (String, &'a SecretBytes)>,
    ) -> Result<Self, Unmaskable> {
        let (mut names, mut owners, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (name, secret) in secrets {
            let value = secret.expose();
            if value.trim_ascii().len() < LEAST {
                return Err(Unmaskable { name });
            }
            let forms = forms::forms(value);
            owners.extend(std::iter::repeat_n(names.len(), forms.len()));
            patterns.extend(forms);
            names.push(name);
        }
        let longest = patterns.iter().map(|pattern| pattern.len()).max().unwrap_or(1);
        let anchors = detect::ANCHORS.iter().map(|anchor| anchor.as_bytes());
        let all: Vec<&[u8]> =
            anchors.chain(patterns.iter().map(|pattern| pattern.as_slice())).collect();
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(all);
        match (built, names.first()) {
            (Ok(patterns), _) => Ok(Self { patterns: Some(patterns), owners, names, longest }),
            // More than the automaton can hold: hundreds of megabytes of secrets.
            (Err(_), Some(name)) => Err(Unmaskable { name: name.clone() }),
            (Err(_), None) => Ok(Self { patterns: None, owners, names, longest }),
        }
    }

    /// For the credentials of a run, by the name of their connection.
    pub fn of(credentials: &BTreeMap<String, Credential>) -> Result<Self, Unmaskable> {
        Self::new(credentials.iter().flat_map(|(connection, credential)| {
            let members = credential.secret.iter();
            members.map(move |(member, value)| (format!("{connection}.{member}"), value))
        }))
    }

    /// The text with `[credential NAME removed]` in place of each secret.
    #[must_use]
    pub fn redact_text(&self, text: &str) -> String {
        let mut kept = Vec::with_capacity(text.len());
        let mut at = 0;
        for span in self.spans(text.as_bytes()) {
            kept.extend_from_slice(part(text.as_bytes(), at, span.start));
            kept.extend_from_slice(self.said(span.what).as_bytes());
            at = span.end;
        }
        kept.extend_from_slice(part(text.as_bytes(), at, text.len()));
        // A secret that is no text may begin or end in the middle of a letter.
        String::from_utf8_lossy(&kept).into_owned()
    }

    /// The same for every text, number and name of a document.
    #[must_use]
    pub fn redact_json(&self, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => {
                let text = number.to_string();
                let kept = self.redact_text(&text);
                if kept == text { value.clone() } else { Value::String(kept) }
            }
            Value::String(text) => Value::String(self.redact_text(text)),
            Value::Array(items) => items.iter().map(|item| self.redact_json(item)).collect(),
            Value::Object(members) => Value::Object(self.redact_map(members)),
        }
    }

    /// The same for the members of an object.
    #[must_use]
    pub fn redact_map(&self, members: &Map<String, Value>) -> Map<String, Value> {
        let members = members.iter();
        members.map(|(name, value)| (self.redact_text(name), self.redact_json(value))).collect()
    }

    /// What must not be seen in these bytes, in order and without overlaps.
    fn spans(&self, text: &[u8]) -> Vec<Span> {
        let Some(found) =
            self.patterns.as_ref().and_then(|all| all.try_find_overlapping_iter(text).ok())
        else {
            return Vec::new();
        };
        let found = found.filter_map(|found| {
            let pattern = found.pattern().as_usize();
            match pattern.checked_sub(detect::ANCHORS.len()) {
                None => detect::at(text, pattern, found.start()),
                Some(secret) => {
                    let what = What::Credential(self.owners.get(secret).copied()?);
                    Some(Span { start: found.start(), end: found.end(), what })
                }
            }
        });
        let mut all: Vec<Span> = found.collect();
        // The longest first of those that begin at one place: it names what is removed.
        all.sort_by_key(|span| (span.start, usize::MAX - span.end));
        let mut merged: Vec<Span> = Vec::new();
        for span in all {
            match merged.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }

    fn said(&self, what: What) -> String {
        match what {
            What::Credential(owner) => {
                let name = self.names.get(owner).map_or("of this run", String::as_str);
                format!("[credential {name} removed]")
            }
            What::Found(kind) => format!("[{kind} removed]"),
        }
    }
}

/// Bytes that are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
    what: What,
}

/// What was found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A value of the credential with this number.
    Credential(usize),
    /// Something that looks like a secret of somebody.
    Found(&'static str),
}

/// The bytes from one place to another; none where there are none.
fn part(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to).unwrap_or_default()
}
