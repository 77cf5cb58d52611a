//! The audit trail: what happened, who did it, and how it ended. Never values, tokens or personal data.

mod chain;
mod entry;
mod evidence;
mod reading;
mod trail;

pub use self::chain::{ChainHead, Linked};
pub use self::entry::{Actor, Entry};
pub use self::evidence::{Checked, Fault, Verdict, evidence, verify};
pub use self::reading::{TrailPage, TrailSpan, read_trail};
pub use self::trail::Trail;
