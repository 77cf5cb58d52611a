//! No secret of a run is seen in anything that the run leaves, however it is spelt and cut into pieces.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use gatelet_core::automation::{RedactedLines, RedactedStream, Redactor};
use gatelet_core::secrets::SecretBytes;
use proptest::prelude::*;
use serde_json::{Value, json};

fn redactor(secret: &str) -> Arc<Redactor> {
    let secret = SecretBytes::new(secret.as_bytes().to_vec());
    Arc::new(Redactor::new([("cloud.key".to_owned(), &secret)]).unwrap())
}

/// A secret as somebody may write it, with what surrounds it. Of base64 in something longer only the letters are its
/// own in which nothing else takes part.
fn spelt(secret: &str, how: usize, around: &str) -> (String, String) {
    let json = serde_json::to_string(secret).unwrap();
    let json = json[1..json.len() - 1].to_owned();
    let percent = |upper: bool| -> String {
        let digits = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        let spell =
            |byte| if is_plain(&byte) { char::from(byte).to_string() } else { digits(byte) };
        secret.bytes().map(spell).collect()
    };
    let inside = |engine: &base64::engine::GeneralPurpose| {
        let whole = engine.encode([around.as_bytes(), secret.as_bytes(), b"?"].concat());
        let first = (8 * around.len()).div_ceil(6);
        let own = whole[first..8 * (around.len() + secret.len()) / 6].to_owned();
        (own, whole)
    };
    let own = match how {
        0 => secret.to_owned(),
        1 => json,
        2 => percent(true),
        3 => percent(false),
        4 => url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        5 => STANDARD.encode(secret),
        6 => URL_SAFE.encode(secret),
        7 => STANDARD_NO_PAD.encode(secret),
        8 => URL_SAFE_NO_PAD.encode(secret),
        9 => hex::encode(secret),
        10 => hex::encode_upper(secret),
        11 => secret.replace('\'', "'\"'\"'"),
        12 => secret.replace('\'', "'\\''"),
        13 => return inside(&STANDARD),
        14 => return inside(&URL_SAFE),
        _ => secret.lines().max_by_key(|line| line.trim().len()).unwrap().trim().to_owned(),
    };
    (own.clone(), format!("{around}{own} and on"))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| [vec![name.clone()], texts(value)].concat())
            .collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // Proves L 60, 64.
    #[test]
    fn a_secret_is_in_no_sink_however_it_is_spelt_and_cut(
        secret in "[a-zA-Z0-9/+='\"\\\\ &%äß\n]{8,60}".prop_filter("long enough", |s| s.trim().len() >= 8),
        how in 0..16_usize,
        around in "[a-z \"{:]{0,9}",
        cuts in prop::collection::vec(1..40_usize, 1..12),
    ) {
        let (own, whole) = spelt(&secret, how, &around);
        prop_assume!(own.len() >= 6);
        let redactor = redactor(&secret);

        let text = redactor.redact_text(&whole);
        prop_assert!(!text.contains(&own), "{how}: {text}");

        let document = json!({ "a": [whole, 7, { whole.clone(): own }] });
        for text in texts(&redactor.redact_json(&document)) {
            prop_assert!(!text.contains(&own), "{how}: {text}");
        }

        let mut stream = RedactedStream::new(Arc::clone(&redactor));
        let (mut out, mut rest, mut cuts) = (Vec::new(), whole.as_bytes(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, left) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            out.extend(stream.push(piece));
            rest = left;
        }
        out.extend(stream.finish());
        prop_assert_eq!(String::from_utf8_lossy(&out), text);

        // Of a spelling that keeps the line breaks, the lines that are long enough to be looked for.
        let mut lines = RedactedLines::new(redactor);
        let seen: Vec<String> = whole.split('\n').map(|line| lines.redact(line)).collect();
        let own_lines = if [0, 15].contains(&how) { secret.lines().collect() } else { vec![own.as_str()] };
        for own in own_lines.into_iter().map(str::trim).filter(|own| own.len() >= 6 && !own.contains('\n')) {
            prop_assert!(seen.iter().all(|line| !line.contains(own)), "{how}: {seen:?}");
        }
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is(text in "[a-z0-9 .,\n-]{0,300}", cut in 1..300_usize) {
        let redactor = redactor("Xy-canary-000-Z");
        prop_assert_eq!(redactor.redact_text(&text), text.clone());
        let mut stream = RedactedStream::new(redactor);
        let (first, second) = text.split_at(cut.min(text.len()));
        let out = [stream.push(first.as_bytes()), stream.push(second.as_bytes()), stream.finish()].concat();
        prop_assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn the_replacement_says_which_credential_it_was_and_nothing_of_its_value() {
    let redactor = redactor("correct horse");
    assert_eq!(
        redactor.redact_text("it is correct horse, correct horsecorrect horse"),
        "it is [credential cloud.key removed], [credential cloud.key removed][credential cloud.key removed]"
    );
    let document = json!({ "correct horse": 1, "n": [null, true, 1.5] });
    let expected = json!({ "[credential cloud.key removed]": 1, "n": [null, true, 1.5] });
    assert_eq!(redactor.redact_json(&document), expected);
}

#[test]
fn a_number_that_is_a_secret_is_removed_too() {
    let redactor = redactor("4821973");
    assert_eq!(
        redactor.redact_json(&json!([4_821_973])),
        json!(["[credential cloud.key removed]"])
    );
}

#[test]
fn a_secret_that_would_be_found_in_ordinary_words_is_refused_by_name_alone() {
    let secret = SecretBytes::new(b"  abcde\n".to_vec());
    let refused = Redactor::new([("cloud.pin".to_owned(), &secret)]).err().unwrap();
    assert_eq!(refused.name, "cloud.pin");
    assert!(!refused.to_string().contains("abcde"));
}

#[test]
fn each_line_of_a_key_is_removed_also_where_lines_come_alone() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASC\nAUAwggE8AgEAAkEAq7BF\n-----END PRIVATE KEY-----\n";
    let redactor = redactor(key);
    let mut lines = RedactedLines::new(Arc::clone(&redactor));
    for line in ["see MIIBVgIBADANBgkqhkiG9w0BAQEFAASC", "AUAwggE8AgEAAkEAq7BF"] {
        assert!(lines.redact(line).contains("[credential cloud.key removed]"), "{line}");
    }
    let wrapped = STANDARD.encode(key);
    for line in wrapped.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line)) {
        assert_eq!(lines.redact(&line), "[credential cloud.key removed]");
    }
}

#[test]
fn what_looks_like_a_secret_of_somebody_is_removed_though_it_is_none_of_the_runs() {
    let redactor = Arc::new(Redactor::new([]).unwrap());
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl";
    let session = format!("00D{}!AQEAQ{}", "5e000000Abc", "x".repeat(60));
    let session = session.replacen("5e000000Abc", "5e000000AbcD", 1);
    for (text, left) in [
        (format!("id {}{} used", "AKIA", "IOSFODNN7EXAMPLE"), "id [AWS access key removed] used"),
        (format!("bearer {jwt}, then"), "bearer [token removed], then"),
        (format!("sid={session};"), "sid=[Salesforce session removed];"),
        (
            format!(
                "{}BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nrest",
                "-----"
            ),
            "[private key removed]\nrest",
        ),
        (
            "the word eyJ, an id AKIA, a -----BEGIN CERTIFICATE----- ".to_owned(),
            "the word eyJ, an id AKIA, a -----BEGIN CERTIFICATE----- ",
        ),
    ] {
        assert_eq!(redactor.redact_text(&text), left);
        let mut stream = RedactedStream::new(Arc::clone(&redactor));
        let mut out: Vec<u8> = text.bytes().flat_map(|byte| stream.push(&[byte])).collect();
        out.extend(stream.finish());
        assert_eq!(String::from_utf8(out).unwrap(), left, "byte by byte");
    }
}

#[test]
fn a_private_key_of_somebody_whose_lines_come_apart_is_removed_and_hides_no_whole_log() {
    let redactor = Arc::new(Redactor::new([]).unwrap());
    let mut lines = RedactedLines::new(redactor);
    let begin = format!("{}BEGIN PRIVATE KEY-----", "-----");
    let said = [begin.as_str(), "MIIEvQ", "-----END PRIVATE KEY-----", "after"]
        .map(|line| lines.redact(line));
    assert_eq!(said[0], "[private key removed]");
    assert_eq!(said[1], "[private key removed]");
    assert_eq!(said[2], "[private key removed]");
    assert_eq!(said[3], "after");
    lines.redact(&begin);
    let shown = (0..1000).map(|_| lines.redact("a line")).filter(|line| line == "a line").count();
    assert_eq!(shown, 800);
}
