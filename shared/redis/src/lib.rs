//! Records kept by Redis 6.2 or newer, or by what speaks like it.
//!
//! A partition is a hash tag, so that all its keys share a cluster's slot: `{identity:session:ab}:r:KEY` is a
//! record, a hash of version `v`, expiry `e` and body `b`, and `{identity:session:ab}:index` the sorted set of
//! its keys. A commit is one script, which Redis runs whole and by itself.

mod connection;
mod purge;
mod records;

pub use self::connection::{BadAddress, Unfit};
pub use self::records::RedisRecords;
