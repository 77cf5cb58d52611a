//! W3C trace context of requests: which of them a line of log or a problem belongs to.

use gatelet_core::trace::TraceContext;
use http::HeaderMap;

use crate::Gate;

/// The trace of a request with these headers: taken over from the caller's `traceparent`, or begun here, and then
/// recorded where somebody exports.
pub(crate) fn trace_of(headers: &HeaderMap, gate: &Gate) -> TraceContext {
    let mut given = headers.get_all("traceparent").iter();
    let parent = match (given.next(), given.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    };
    TraceContext::within(parent, &*gate.random, gate.memory.spans.is_on())
}
