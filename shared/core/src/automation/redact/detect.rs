//! Things that are secrets by their look, whoever they belong to.

use super::{Span, What, part};

/// What each of them begins with, in the order of [`at`].
pub(super) const ANCHORS: [&str; 5] = ["AKIA", "ASIA", "eyJ", "00D", BEGIN];

/// What a private key in PEM (RFC 7468) begins with.
const BEGIN: &str = "-----BEGIN ";
const KEY: &[u8] = b"PRIVATE KEY-----";
const END: &[u8] = b"-----END ";
/// The longest label before `PRIVATE KEY`, such as `ENCRYPTED`.
const LABEL: usize = 32;

/// What begins here with this anchor, if it is more than the anchor.
pub(super) fn at(text: &[u8], anchor: usize, start: usize) -> Option<Span> {
    let rest = text.get(start..)?;
    let before = start.checked_sub(1).and_then(|before| text.get(before));
    let begins = before.is_none_or(|byte| !is_word(*byte));
    let (length, kind) = match anchor {
        0 | 1 if begins => (access_key(rest)?, "AWS access key"),
        2 if begins => (token(rest)?, "token"),
        3 if begins => (salesforce(rest)?, "Salesforce session"),
        4 => (private_key(rest)?, "private key"),
        _ => return None,
    };
    Some(Span { start, end: start + length, what: What::Found(kind) })
}

/// Where a private key begins that has no end yet.
pub(super) fn open_key(text: &[u8]) -> Option<usize> {
    let begin = BEGIN.as_bytes();
    let starts = text.windows(begin.len()).enumerate().filter(|(_, window)| *window == begin);
    let mut keys = starts.map(|(start, _)| start).filter(|start| {
        let rest = text.get(*start..).unwrap_or_default();
        // A label that is not there as a whole may become one of a private key.
        header(rest).is_some_and(|header| !is_closed(rest, header))
            || (rest.len() < begin.len() + LABEL + KEY.len() && !rest.contains(&b'\n'))
    });
    keys.next()
}

/// Whether a key ends with a whole last line, or with one that is none.
fn is_closed(rest: &[u8], header: usize) -> bool {
    find(rest, header, END).is_some_and(|end| {
        let after = end + END.len();
        find(rest, after, b"-----").is_some() || rest.len() - after > LABEL + KEY.len()
    })
}

/// Whether a line ends a key in PEM.
pub(super) fn ends_key(line: &[u8]) -> bool {
    find(line, 0, END).is_some()
}

/// An id of 20 letters.
fn access_key(rest: &[u8]) -> Option<usize> {
    let letters = run(rest, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let ends = rest.get(letters).is_none_or(|byte| !is_word(*byte));
    (letters == 20 && ends).then_some(letters)
}

/// A JWT: three parts in base64url, of which the last may be empty (RFC 7519).
fn token(rest: &[u8]) -> Option<usize> {
    let part = |from: usize| {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        run(rest.get(from..).unwrap_or_default(), letters)
    };
    let header = part(0);
    let payload = part(header + 1);
    let signature = part(header + payload + 2);
    let is_dot = |place: usize| rest.get(place) == Some(&b'.');
    let whole = header >= 10 && payload >= 10 && is_dot(header) && is_dot(header + payload + 1);
    whole.then_some(header + payload + 2 + signature)
}

/// An organisation's id of 15 or 18 letters, an exclamation mark, and the session.
fn salesforce(rest: &[u8]) -> Option<usize> {
    let id = run(rest, |byte| byte.is_ascii_alphanumeric());
    if !matches!(id, 15 | 18) || rest.get(id) != Some(&b'!') {
        return None;
    }
    let session = rest.get(id + 1..)?;
    let session = run(session, |byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_');
    (session >= 20).then_some(id + 1 + session)
}

/// From its first line to its last, or to the end of the text.
fn private_key(rest: &[u8]) -> Option<usize> {
    let header = header(rest)?;
    let Some(end) = find(rest, header, END) else { return Some(rest.len()) };
    let end = end + END.len();
    // The label, and the hyphens after it.
    let label = find(rest, end, b"-----").filter(|found| found - end < LABEL + KEY.len());
    Some(label.map_or(end, |label| label + 5))
}

/// The length of a first line of a private key.
fn header(rest: &[u8]) -> Option<usize> {
    let begin = BEGIN.len();
    let place = find(part(rest, 0, (begin + LABEL + KEY.len()).min(rest.len())), begin, KEY)?;
    let label = part(rest, begin, place);
    let is_label = label.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b' ');
    is_label.then_some(place + KEY.len())
}

fn find(text: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let place = text.get(from..)?.windows(what.len()).position(|window| window == what)?;
    Some(from + place)
}

/// How many of the first bytes are such.
fn run(bytes: &[u8], such: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| such(**byte)).count()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
