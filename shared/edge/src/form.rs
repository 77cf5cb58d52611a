//! A form in a body, read strictly: what every layer would not read alike is refused.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};

use crate::Gate;
use crate::problem::Problem;

/// The longest form that is read.
pub const FORM_BYTES: usize = 8 * 1024;

/// The parameters of a body in `application/x-www-form-urlencoded`, each of which stands once (RFC 6749 §3.2).
/// A parameter without a value counts as not sent. A request without a body has none.
///
/// Its values may be codes and tokens: it can be neither printed nor cloned.
#[derive(Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether nothing was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a body, or the query of an address, which has the same form.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(body).map_err(|_| Problem::BadRequest)?;
        let mut found = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            // What is not UTF-8 behind its percent signs reads as this character.
            let is_text = !name.contains('\u{fffd}') && !value.contains('\u{fffd}');
            if !is_text || found.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Problem::BadRequest);
            }
        }
        found.retain(|_, value| !value.is_empty());
        Ok(Self(found))
    }
}

impl FromRequest<Gate> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Gate) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, FORM_BYTES).await.map_err(|_| Problem::TooLarge)?;
        if body.is_empty() {
            return Ok(Self::default());
        }
        if !is_form(&parts.headers) {
            return Err(Problem::UnsupportedMediaType);
        }
        Self::parse(&body)
    }
}

/// Whether the one `Content-Type` says form, in UTF-8 if it says more.
fn is_form(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(one), None) = (given.next(), given.next()) else { return false };
    let Ok(text) = one.to_str() else { return false };
    let (essence, rest) = text.split_once(';').unwrap_or((text, ""));
    let rest = rest.trim().to_ascii_lowercase();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && matches!(rest.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_once_and_is_text() {
        let form = Form::parse(b"a=1&b=%20x+y&empty=&c").unwrap();
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), Some(" x y"));
        assert_eq!(form.get("empty"), None, "without a value it counts as not sent");
        assert_eq!(form.get("c"), None);
        for bad in [&b"a=1&a=1"[..], b"a=&a=1", b"%61=1&a=2", b"a=%ff", b"%ff=1", b"a=\xff"] {
            assert!(Form::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_a_form_is_read_as_one() {
        let says = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_TYPE, value.parse().unwrap());
            }
            is_form(&headers)
        };
        assert!(says(&["application/x-www-form-urlencoded"]));
        assert!(says(&["Application/X-WWW-Form-Urlencoded; charset=UTF-8"]));
        assert!(!says(&[]));
        assert!(!says(&["text/plain"]));
        assert!(!says(&["application/json"]));
        assert!(!says(&["application/x-www-form-urlencoded; charset=utf-16"]));
        assert!(!says(&["application/x-www-form-urlencoded", "text/plain"]), "two say two things");
    }
}
