//! W3C trace context: which trace a request, a run and what they cause belong to. And the spans that have ended, for
//! whoever exports them.

mod spans;

pub use self::spans::{Span, SpanKind, Spans};
use crate::digest::hex_digest_of;
use crate::random::{Random, draw};

/// A place in a trace: one span of it, and what that hands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: String,
    span_id: String,
    parent_id: Option<String>,
    sampled: bool,
}

impl TraceContext {
    /// A new trace, which is recorded or not.
    pub fn begin(random: &dyn Random, sampled: bool) -> Self {
        let (trace_id, span_id) = (hex::encode(draw::<16>(random)), hex::encode(draw::<8>(random)));
        Self { trace_id, span_id, parent_id: None, sampled }
    }

    /// A span within what this `traceparent` names. A malformed one begins a new trace, as the standard asks, which is
    /// recorded or not.
    pub fn within(parent: Option<&str>, random: &dyn Random, sampled: bool) -> Self {
        match parent.and_then(Self::parse) {
            Some(parent) => parent.child(hex::encode(draw::<8>(random))),
            None => Self::begin(random, sampled),
        }
    }

    /// The span that a `traceparent` names.
    #[must_use]
    pub fn parse(traceparent: &str) -> Option<Self> {
        let (trace_id, span_id, sampled) = parse(traceparent)?;
        Some(Self { trace_id, span_id, parent_id: None, sampled })
    }

    /// The span of this name and number below it. Whoever asks again gets the same, so that it need not be kept.
    #[must_use]
    pub fn below(&self, name: &str, number: u32) -> Self {
        let digest = hex_digest_of(&[&self.trace_id, &self.span_id, name, &number.to_string()]);
        self.clone().child(digest.chars().take(16).collect())
    }

    fn child(self, span_id: String) -> Self {
        Self { parent_id: Some(self.span_id), span_id, ..self }
    }

    /// 32 hex digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// 16 hex digits.
    #[must_use]
    pub fn span_id(&self) -> &str {
        &self.span_id
    }

    /// The span that caused this one, where it is known.
    #[must_use]
    pub fn parent_id(&self) -> Option<&str> {
        self.parent_id.as_deref()
    }

    /// Whether its spans are recorded: what whoever began the trace decided.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The `traceparent` for what this causes.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-0{}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

fn parse(text: &str) -> Option<(String, String, bool)> {
    let fields: Vec<&str> = text.split('-').collect();
    let [version, trace_id, span_id, flags, rest @ ..] = fields.as_slice() else { return None };
    let known = *version != "ff" && is_hex(version, 2) && (*version != "00" || rest.is_empty());
    let named = is_hex(trace_id, 32) && is_hex(span_id, 16) && is_hex(flags, 2);
    let real = trace_id.bytes().any(|b| b != b'0') && span_id.bytes().any(|b| b != b'0');
    let sampled = u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1);
    (known && named && real).then(|| ((*trace_id).to_owned(), (*span_id).to_owned(), sampled))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn takes_what_the_standard_allows_and_nothing_else() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let span = "b7ad6b7169203331";
        let good = format!("00-{trace}-{span}-01");
        assert_eq!(parse(&good), Some((trace.to_owned(), span.to_owned(), true)));
        assert_eq!(
            parse(&format!("cc-{trace}-b7ad6b7169203331-00-new")),
            Some((trace.into(), span.into(), false))
        );
        for bad in [
            "",
            "00",
            &format!("{good}-more"),
            &format!("ff-{trace}-b7ad6b7169203331-01"),
            &good.to_uppercase(),
            &format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            &format!("00-{trace}-0000000000000000-01"),
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
