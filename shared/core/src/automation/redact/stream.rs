//! Redaction of what comes in pieces.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Redactor, detect, part};

/// How much is held back at most, besides the longest pattern, while it may become something to remove.
const HELD: usize = 16 * 1024;
/// How many lines a private key has at most. Whoever says that one begins cannot hide a whole log with it.
const KEY_LINES: usize = 200;

/// Bytes that come in pieces of any size, such as those of a file. What may be the beginning of a secret is held back
/// until it is known.
pub struct RedactedStream {
    redactor: Arc<Redactor>,
    held: Zeroizing<Vec<u8>>,
    /// How many of the first bytes belong to what was replaced already.
    covered: usize,
}

impl RedactedStream {
    /// Begins.
    #[must_use]
    pub fn new(redactor: Arc<Redactor>) -> Self {
        Self { redactor, held: Zeroizing::new(Vec::new()), covered: 0 }
    }

    /// Takes the next piece, and gives what is certain.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let certain = self.certain();
        self.release(certain)
    }

    /// Gives what is left. Nothing comes after it.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let all = self.held.len();
        self.release(all)
    }

    /// Up to where nothing depends on what comes next.
    fn certain(&self) -> usize {
        let length = self.held.len();
        let by_pattern = (length + 1).saturating_sub(self.redactor.longest);
        let by_word = self.held.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
        let by_key = detect::open_key(&self.held).unwrap_or(length);
        let waits = |place: usize| if length - place <= HELD { place } else { length };
        by_pattern.min(waits(by_word)).min(waits(by_key))
    }

    fn release(&mut self, certain: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(certain);
        let mut at = self.covered;
        for span in self.redactor.spans(&self.held) {
            if span.start >= certain {
                break;
            }
            if span.start >= at {
                out.extend_from_slice(part(&self.held, at, span.start));
                out.extend_from_slice(self.redactor.said(span.what).as_bytes());
            }
            at = at.max(span.end);
        }
        if at < certain {
            out.extend_from_slice(part(&self.held, at, certain));
            at = certain;
        }
        // A copy, so that what is left behind is wiped.
        self.held = Zeroizing::new(part(&self.held, certain, self.held.len()).to_vec());
        self.covered = at - certain;
        out
    }
}

/// Lines that come one by one, such as those of a log: each is given at once. A private key is removed though its
/// lines come apart.
pub struct RedactedLines {
    redactor: Arc<Redactor>,
    /// How many more lines may belong to a key.
    key: usize,
}

impl RedactedLines {
    /// Begins.
    #[must_use]
    pub const fn new(redactor: Arc<Redactor>) -> Self {
        Self { redactor, key: 0 }
    }

    /// The next line.
    pub fn redact(&mut self, line: &str) -> String {
        if self.key > 0 {
            self.key = if detect::ends_key(line.as_bytes()) { 0 } else { self.key - 1 };
            return "[private key removed]".to_owned();
        }
        if line.contains("PRIVATE KEY-----") && detect::open_key(line.as_bytes()).is_some() {
            self.key = KEY_LINES;
        }
        self.redactor.redact_text(line)
    }
}
