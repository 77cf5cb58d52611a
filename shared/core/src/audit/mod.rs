//! The audit trail: what happened, who did it, and how it ended. Never values, tokens or personal data.

mod chain;
mod entry;
mod trail;

pub use self::chain::{ChainHead, Linked};
pub use self::entry::{Actor, Entry};
pub use self::trail::Trail;
