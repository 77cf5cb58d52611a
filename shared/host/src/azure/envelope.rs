//! The envelope in which the Functions host posts a queue message.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    data: BTreeMap<String, Value>,
}

/// The text of the one message in an envelope. The host encodes a text as JSON inside a JSON string, and an
/// object as itself; which of the two depends on its version and on the message, so both are taken.
pub(super) fn queue_text(body: &[u8]) -> Option<String> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    let mut values = envelope.data.into_values();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    Some(unwrap(value))
}

fn unwrap(value: Value) -> String {
    match value {
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::String(inner)) => inner,
            _ => text,
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::queue_text;

    #[test]
    fn takes_a_message_encoded_once_twice_or_not_at_all() {
        for (given, text) in [
            (r#"{"Data":{"m":"\"{\\\"a\\\":1}\""},"Metadata":{}}"#, r#"{"a":1}"#),
            (r#"{"Data":{"m":"{\"a\":1}"}}"#, r#"{"a":1}"#),
            (r#"{"Data":{"m":{"a":1}}}"#, r#"{"a":1}"#),
            (r#"{"Data":{"m":"\"plain\""}}"#, "plain"),
        ] {
            assert_eq!(queue_text(given.as_bytes()).as_deref(), Some(text), "{given}");
        }
    }

    #[test]
    fn what_is_no_envelope_of_one_message_is_refused() {
        for bad in
            ["", "{}", "[]", r#"{"Data":{}}"#, r#"{"Data":{"a":1,"b":2}}"#, r#"{"Data":"x"}"#]
        {
            assert_eq!(queue_text(bad.as_bytes()), None, "{bad}");
        }
    }
}
