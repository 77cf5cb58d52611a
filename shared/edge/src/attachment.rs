//! Bytes that a stranger or a script has made, answered so that no browser does anything with them but keep them.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};

/// A file that is saved and never shown.
pub struct Attachment {
    /// Its name. Any text: what a header cannot carry is written around.
    pub name: String,
    /// What it is said to be.
    pub media_type: String,
    /// Its content.
    pub content: Body,
}

impl IntoResponse for Attachment {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.content);
        let headers = response.headers_mut();
        let unknown = HeaderValue::from_static("application/octet-stream");
        let kind = HeaderValue::from_str(&self.media_type).ok();
        headers.insert(
            CONTENT_TYPE,
            kind.filter(|_| is_harmless(&self.media_type)).unwrap_or(unknown),
        );
        headers.insert(CONTENT_DISPOSITION, disposition(&self.name));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let sandboxed =
            HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, sandboxed);
        response
    }
}

/// `attachment` with the name in both forms (RFC 6266 §5): the plain one for whoever knows no other.
fn disposition(name: &str) -> HeaderValue {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let ascii: String =
        name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let ascii = if ascii.trim_matches(['.', '_']).is_empty() { "file" } else { &ascii };
    let encoded: String = name
        .bytes()
        .map(|byte| {
            if plain(char::from(byte)) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let text = if encoded == ascii {
        format!("attachment; filename=\"{ascii}\"")
    } else {
        format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Whether a text is a media type and not one that a browser runs, were it ever to show it.
fn is_harmless(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let runs = ["html", "svg", "xml", "javascript", "ecmascript", "wasm", "pdf"];
    is_media_type(&essence) && !runs.iter().any(|kind| essence.contains(kind))
}

/// Whether a text has the form of a media type without parameters.
#[must_use]
pub fn is_media_type(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "!#$&-^_.+".contains(letter);
    let is_part = |part: &str| (1..=64).contains(&part.len()) && part.chars().all(plain);
    text.split_once('/').is_some_and(|(kind, inner)| is_part(kind) && is_part(inner))
}

/// A cell of a table as CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let runs = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) && !is_number;
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', ';', '\t', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str) -> String {
        disposition(name).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_name_is_carried_and_steers_nothing() {
        assert_eq!(header("report.csv"), "attachment; filename=\"report.csv\"");
        assert_eq!(header("../../etc/passwd"), "attachment; filename=\"passwd\"");
        assert_eq!(
            header("a\"; x=\"b.csv"),
            "attachment; filename=\"a___x__b.csv\"; filename*=UTF-8''a%22%3B%20x%3D%22b.csv"
        );
        assert_eq!(
            header("ü\r\nset-cookie: a"),
            "attachment; filename=\"___set-cookie__a\"; filename*=UTF-8''%C3%BC%0D%0Aset-cookie%3A%20a"
        );
        assert_eq!(header(""), "attachment; filename=\"file\"; filename*=UTF-8''");
    }

    #[test]
    fn nothing_that_a_browser_runs_is_called_by_its_type() {
        for media_type in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/javascript",
            "TEXT/HTML; charset=utf-8",
            "x",
            "a/b\r\nc: d",
            "",
        ] {
            let file = Attachment {
                name: "a".into(),
                media_type: media_type.into(),
                content: Body::empty(),
            };
            let response = file.into_response();
            assert_eq!(
                response.headers()[CONTENT_TYPE],
                "application/octet-stream",
                "{media_type}"
            );
            assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(
                response.headers()[CONTENT_SECURITY_POLICY]
                    .to_str()
                    .unwrap()
                    .starts_with("sandbox;")
            );
        }
        let file =
            Attachment { name: "a".into(), media_type: "text/csv".into(), content: Body::empty() };
        assert_eq!(file.into_response().headers()[CONTENT_TYPE], "text/csv");
    }

    #[test]
    fn no_cell_becomes_a_formula() {
        for (text, cell) in [
            ("=1+1", "\"'=1+1\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-1+1", "\"'-1+1\""),
            ("\t=1", "\"'\t=1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("-12.5", "-12.5"),
            ("plain", "plain"),
            ("a,b\n\"c\"", "\"a,b\n\"\"c\"\"\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(text), cell, "{text}");
        }
    }
}
