//! Where a sign-in leads in the end: a place of ours, and no other.

use std::collections::BTreeMap;

use url::{Position, Url};

/// The longest target, in bytes.
pub const LONGEST_TARGET: usize = 1024;

/// What the paths begin with that the server answers itself; a page can stand at every other. Nobody wants to look
/// at one of these after signing in, and some act.
pub const RESERVED: [&str; 6] = ["auth", "api", "attempts", ".well-known", "healthz", "assets"];

/// A path of this deployment, with its query. Whatever made it, it went through [`ReturnTarget::read`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTarget(String);

/// A text that names no place of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place of this deployment")]
pub struct BadTarget;

impl ReturnTarget {
    /// The first page.
    #[must_use]
    pub fn home() -> Self {
        Self("/".into())
    }

    /// Reads a name from the registry's targets, or a path.
    ///
    /// A path has one leading slash and nothing that any browser, proxy or framework is known to read as
    /// another host: no backslash, no control character, no user name, no second slash, no dot segment, plain
    /// or encoded. It must also be what remains of it after it was resolved against our own address.
    pub fn read(
        text: &str,
        named: &BTreeMap<String, String>,
        base_url: &Url,
    ) -> Result<Self, BadTarget> {
        let path = named.get(text).map_or(text, String::as_str);
        let resolved = base_url.join(path).map_err(|_| BadTarget)?;
        let same_place = resolved.origin() == base_url.origin()
            && resolved.username().is_empty()
            && resolved.password().is_none()
            && resolved[Position::BeforePath..] == *path;
        if same_place && is_plain(path) { Ok(Self(path.to_owned())) } else { Err(BadTarget) }
    }

    /// The path and its query, for a `Location`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(text: &str) -> bool {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    text.len() <= LONGEST_TARGET
        && is_plain_path(path)
        && query.bytes().all(|b| is_unreserved(b) || b"/:,;+=&%!$'()*?".contains(&b))
        && escapes(query).is_some_and(|codes| !codes.into_iter().any(is_control))
}

fn is_plain_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let segments: Vec<&str> = rest.split('/').collect();
    let inner = segments.split_last().map_or(&[][..], |(_, inner)| inner);
    // A separator that is hidden in an escape, or a letter that had no need of one.
    let hidden = |code: u8| {
        is_control(code) || code.is_ascii_alphanumeric() || b"/\\.%@:?#; ".contains(&code)
    };
    inner.iter().all(|segment| !segment.is_empty())
        && !segments.iter().any(|segment| matches!(*segment, "." | ".."))
        && !segments.first().is_some_and(|first| RESERVED.contains(first))
        && path.bytes().all(|b| is_unreserved(b) || b"/:,+=&%!$'()*".contains(&b))
        && escapes(path).is_some_and(|codes| !codes.into_iter().any(hidden))
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn is_control(code: u8) -> bool {
    code < 0x20 || code == 0x7f
}

/// The bytes that percent signs stand for. `None` when one is followed by anything but two hex digits, or when
/// the whole is not UTF-8: an overlong form is another way to hide a separator.
fn escapes(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut whole = parts.next()?.as_bytes().to_vec();
    let mut codes = Vec::new();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let code = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = code.then(|| u8::from_str_radix(digits, 16).ok()).flatten()?;
        codes.push(code);
        whole.push(code);
        whole.extend_from_slice(rest.as_bytes());
    }
    std::str::from_utf8(&whole).is_ok().then_some(codes)
}
