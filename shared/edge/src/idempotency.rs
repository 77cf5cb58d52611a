//! The name that a client gives a request, so that sending it again does nothing twice
//! (draft-ietf-httpapi-idempotency-key-header).

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts as RequestParts;

use crate::Gate;
use crate::problem::Problem;

/// The header.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest key, in characters.
const KEY_BYTES: usize = 200;

/// The key of a request that must have one: the value of the one `Idempotency-Key`, which is a String of RFC 8941 §3.3.3
/// and so stands in quotes.
pub struct IdempotencyKey(pub String);

impl FromRequestParts<Gate> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut RequestParts, _: &Gate) -> Result<Self, Problem> {
        key_of(&parts.headers).map(Self).ok_or(Problem::IdempotencyKeyMissing)
    }
}

fn key_of(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(one), None) = (given.next(), given.next()) else { return None };
    let text = one.to_str().ok()?.trim_matches(' ');
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut key = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => key.push(letters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            ' '..='~' => key.push(letter),
            _ => return None,
        }
    }
    (1..=KEY_BYTES).contains(&key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, value.parse().unwrap());
        }
        key_of(&headers)
    }

    #[test]
    fn a_key_is_one_string_in_quotes() {
        assert_eq!(key(&["\"8e03978e-40d5\""]).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(key(&[r#" "a \"b\" \\ c" "#]).as_deref(), Some(r#"a "b" \ c"#));
        let long = format!("\"{}\"", "a".repeat(201));
        for bad in [
            "a", "\"\"", "\"a", "a\"", "\"", "\"a\"b\"", r#""a\""#, r#""\a""#, "\"a\";x", "a\tb",
            &long,
        ] {
            assert_eq!(key(&[bad]), None, "{bad}");
        }
        assert_eq!(key(&[]), None);
        assert_eq!(key(&["\"a\"", "\"a\""]), None, "two keys are none");
    }
}
