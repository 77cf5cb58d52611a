//! A file that is part of the executable, and how browsers keep it.

use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

/// One file, in the two forms that a build made of it.
#[derive(Debug)]
pub struct Asset {
    /// Its path in the folder that it comes from.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Changes with its content.
    pub tag: &'static str,
    /// Its content.
    pub plain: &'static [u8],
    /// The same, compressed. Empty where that saves nothing.
    pub gzip: &'static [u8],
}

/// For how long a browser may use its copy of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// After asking whether it is still the same: the address stays when the content changes.
    WhileCurrent,
    /// For ever: the address changes with the content.
    Forever,
}

impl Asset {
    /// The file, compressed for whoever takes that, or word that the browser's copy is still the same.
    #[must_use]
    pub fn answer(&'static self, asked: &HeaderMap, keep: Keep) -> Response {
        // Weak, because it names what is said and not in which form.
        let tag = format!("W/\"{}\"", self.tag);
        let keep = match keep {
            Keep::WhileCurrent => "no-cache",
            Keep::Forever => "public, max-age=31536000, immutable",
        };
        let is_known = lists(asked, &IF_NONE_MATCH).any(|known| known == tag);
        let headers =
            [(CACHE_CONTROL, keep.to_owned()), (ETAG, tag), (VARY, "accept-encoding".to_owned())];
        if is_known {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let kind = [(CONTENT_TYPE, self.media_type)];
        if self.gzip.is_empty() || !takes_gzip(asked) {
            return (headers, kind, self.plain).into_response();
        }
        (headers, kind, [(CONTENT_ENCODING, "gzip")], self.gzip).into_response()
    }
}

/// Whether the browser lists gzip without the weight of nothing (RFC 9110 §12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    lists(asked, &ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

/// The members of a header that is a list.
fn lists<'a>(asked: &'a HeaderMap, name: &http::HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = asked.get_all(name).into_iter().map(HeaderValue::to_str);
    lines.filter_map(Result::ok).flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    static LONG: Asset = Asset {
        path: "long.txt",
        media_type: "text/plain",
        tag: "1",
        plain: b"aaaaaaaaaa",
        gzip: b"10a",
    };

    fn asked(name: &'static str, value: &'static str) -> HeaderMap {
        [(name.parse().unwrap(), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_copy_is_used_only_after_the_gateway_said_that_it_is_current() {
        let first = LONG.answer(&HeaderMap::new(), Keep::WhileCurrent);
        assert_eq!(first.headers().get("cache-control").unwrap(), "no-cache");
        assert_eq!(first.headers().get("etag").unwrap(), "W/\"1\"");
        for (known, status) in
            [("W/\"1\"", 304), ("\"x\", W/\"1\"", 304), ("W/\"2\"", 200), ("", 200)]
        {
            let again = LONG.answer(&asked("if-none-match", known), Keep::WhileCurrent);
            assert_eq!(again.status(), status, "{known}");
        }
    }

    #[test]
    fn only_who_takes_gzip_gets_it() {
        for taken in ["gzip", "br, gzip;q=0.5", "GZIP", "deflate,gzip"] {
            let answer = LONG.answer(&asked("accept-encoding", taken), Keep::Forever);
            assert_eq!(answer.headers().get("content-encoding").unwrap(), "gzip", "{taken}");
            assert_eq!(answer.headers().get("vary").unwrap(), "accept-encoding");
        }
        for refused in ["", "br", "gzip;q=0", "gzip; q=0.0", "x-gzip", "gzip;level=1"] {
            let answer = LONG.answer(&asked("accept-encoding", refused), Keep::Forever);
            assert!(answer.headers().get("content-encoding").is_none(), "{refused}");
        }
    }
}
