//! Spans that have ended and wait for their export. Nothing is kept unless somebody exports.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::TraceContext;
use crate::clock::Timestamp;

/// The most spans that wait. More are dropped: what is traced must not wait for whoever takes traces.
const MOST: usize = 2_000;

/// Something that was done, from when to when. It holds no value of anybody's: no input, no name, no address.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Where in its trace.
    pub context: TraceContext,
    /// What was done, in a word of ours or as a route is declared.
    pub name: String,
    /// Of which kind it is.
    pub kind: SpanKind,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// More about it: texts and numbers.
    pub facts: Vec<(&'static str, Value)>,
    /// Whether it came to nothing.
    pub has_failed: bool,
}

/// The kind of a span, as OpenTelemetry has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Something within the gateway.
    Internal,
    /// The answer to a request.
    Server,
    /// Work that a message asked for.
    Consumer,
}

/// The spans of a process that have ended.
#[derive(Default)]
pub struct Spans {
    is_on: AtomicBool,
    ended: Mutex<Vec<Span>>,
}

impl Spans {
    /// Somebody exports from now on.
    pub fn turn_on(&self) {
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// Whether somebody exports.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Keeps a span of a trace that is recorded, where somebody exports and not too many wait.
    pub fn keep(&self, span: Span) {
        if !self.is_on() || !span.context.is_sampled() {
            return;
        }
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.len() < MOST {
            ended.push(span);
        }
    }

    /// Takes all that wait.
    #[must_use]
    pub fn take(&self) -> Vec<Span> {
        std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
