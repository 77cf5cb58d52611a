//! A file that is part of the executable, and how browsers keep it.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};

/// What the page may do: load its own files and talk to its own origin. No text can become markup or script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// One file.
pub(crate) struct Asset {
    media_type: &'static str,
    text: &'static str,
    tag: u64,
}

impl Asset {
    pub(crate) const fn new(media_type: &'static str, text: &'static str) -> Self {
        Self { media_type, text, tag: tag(text.as_bytes()) }
    }

    /// The file, or word that the browser's copy is still the same. A copy is never used without asking, so that
    /// the files of one version always meet.
    pub(crate) fn answer(&self, asked: &HeaderMap) -> Response {
        let tag = format!("\"{:016x}\"", self.tag);
        let known = asked.get(header::IF_NONE_MATCH).is_some_and(|value| *value == *tag);
        let headers = [(header::CACHE_CONTROL, "no-cache".to_owned()), (header::ETAG, tag)];
        if known {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(header::CONTENT_TYPE, self.media_type)], self.text).into_response()
    }

    /// The file as a page of its own. It is kept nowhere: what stands in it later belongs to a person.
    pub(crate) fn page(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "no-store"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        ];
        (headers, self.text).into_response()
    }
}

/// FNV-1a. It tells two versions of a file apart, and nothing depends on who could make two alike.
const fn tag(bytes: &[u8]) -> u64 {
    let mut tag = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = bytes;
    while let [byte, others @ ..] = rest {
        tag = (tag ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = others;
    }
    tag
}
