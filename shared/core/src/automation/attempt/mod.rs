//! An attempt: one script, started once under one fence, and what it reports.

mod message;

pub use self::message::{Answer, CHUNK_BYTES, LINE_BYTES, Message};
