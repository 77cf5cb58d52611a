//! The spellings in which a secret value may turn up.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{LEAST, part};

/// One spelling.
pub(super) type Form = Zeroizing<Vec<u8>>;

/// The lengths of lines into which base64 is usually broken (RFC 2045, RFC 7468).
const BROKEN: [usize; 2] = [76, 64];

/// All spellings of a value that are long enough to be looked for, each once.
pub(super) fn forms(value: &[u8]) -> Vec<Form> {
    let mut all = Forms(BTreeSet::new());
    for piece in pieces(value) {
        all.add(piece.to_vec());
        all.binary(&piece);
        all.percent(&piece);
        // What is no text is shown with signs of replacement.
        all.text(&String::from_utf8_lossy(&piece));
    }
    all.0.into_iter().map(Zeroizing::new).collect()
}

/// The value, its lines, and the texts in it if it is a document.
fn pieces(value: &[u8]) -> Vec<Form> {
    let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut pieces: Vec<Form> = std::iter::once(value)
        .chain(lines)
        .filter(|piece| piece.len() >= LEAST)
        .map(|piece| Zeroizing::new(piece.to_vec()))
        .collect();
    if let Ok(document @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(value) {
        leaves(&document, &mut pieces);
    }
    pieces
}

fn leaves(document: &Value, pieces: &mut Vec<Form>) {
    match document {
        Value::String(text) if text.len() >= LEAST => {
            pieces.push(Zeroizing::new(text.as_bytes().to_vec()));
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, pieces)),
        Value::Object(members) => members.values().for_each(|item| leaves(item, pieces)),
        _ => {}
    }
}

struct Forms(BTreeSet<Vec<u8>>);

impl Forms {
    fn add(&mut self, form: impl Into<Vec<u8>>) {
        let form = form.into();
        if form.len() >= LEAST {
            self.0.insert(form);
        }
    }

    /// Hexadecimal, and base64 alone or inside of something longer.
    fn binary(&mut self, piece: &[u8]) {
        self.add(hex::encode(piece));
        self.add(hex::encode_upper(piece));
        for engine in [&STANDARD, &URL_SAFE] {
            let whole = engine.encode(piece);
            self.add(whole.trim_end_matches('=').to_owned());
            for length in BROKEN.into_iter().filter(|length| whole.len() > *length) {
                whole.as_bytes().chunks(length).for_each(|line| self.add(line));
            }
            self.add(whole);
            for before in 1..3 {
                // Only the letters in which no other byte takes part are always the same.
                let shifted = engine.encode([&vec![0; before], piece].concat());
                let (first, last) = ((8 * before).div_ceil(6), 8 * (before + piece.len()) / 6);
                self.add(part(shifted.as_bytes(), first, last));
            }
            let last = 8 * piece.len() / 6;
            self.add(part(engine.encode(piece).as_bytes(), 0, last));
        }
    }

    /// Percent-encoding as several languages do it (RFC 3986, and HTML's forms).
    fn percent(&mut self, piece: &[u8]) {
        for kept in ["-._~", "-._~/", "-._~!'()*", "-._*", ""] {
            for upper in [true, false] {
                let mut form = Vec::with_capacity(piece.len() * 3);
                let mut plus = Vec::with_capacity(piece.len() * 3);
                for byte in piece {
                    let stays = byte.is_ascii_alphanumeric() || kept.as_bytes().contains(byte);
                    let digits =
                        if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
                    let written = if stays { vec![*byte] } else { digits.into_bytes() };
                    form.extend_from_slice(&written);
                    plus.extend_from_slice(if *byte == b' ' { b"+" } else { &written });
                }
                self.add(form);
                self.add(plus);
            }
        }
    }

    /// Escapes of JSON, Python, shells and XML, each of them in a JSON document too.
    fn text(&mut self, text: &str) {
        let json = json(text);
        let python = python(text);
        let xml = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let quoted = |double: &str, single: &str| xml.replace('"', double).replace('\'', single);
        let all = [
            text.to_owned(),
            self::json(&json),
            python.replace('\'', "\\'"),
            python,
            text.replace('\'', "'\"'\"'"),
            text.replace('\'', "'\\''"),
            shell(text),
            quoted("&quot;", "&#x27;"),
            quoted("&quot;", "&#39;"),
            quoted("&#34;", "&apos;"),
            quoted("&quot;", "'"),
            xml,
            json,
        ];
        for form in all {
            let inner = self::json(&form);
            self.add(ascii(&form));
            self.add(ascii(&inner));
            self.add(form.replace('/', "\\/"));
            self.add(form);
            self.add(inner);
        }
    }
}

/// As it stands between the quotation marks of JSON (RFC 8259).
fn json(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// The same where only ASCII is written.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut written = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() && letter != '\u{7f}' {
            written.push(letter);
        } else {
            let units = letter.encode_utf16(&mut units).iter();
            written.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
    }
    written
}

/// As Python shows it between the quotation marks that it does not hold.
fn python(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            letter if letter.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(written, "\\x{:02x}", u32::from(letter));
            }
            letter => written.push(letter),
        }
    }
    written
}

/// As a shell takes it between double quotation marks.
fn shell(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '"' | '\\' | '$' | '`') {
            written.push('\\');
        }
        written.push(letter);
    }
    written
}
