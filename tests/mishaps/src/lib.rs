//! What befalls a worker: processes that die, freeze or lose an answer wherever they touch the world, over any store.
//!
//! The worker is the real one. Only what it stands on is played: the script and its target, and time, which passes at
//! once. Where the store is a real one, so are the processes and the signals that end them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "only tests have mishaps, and a test fails by panicking"
)]

mod fate;
mod inbox;
mod killed;
mod many;
mod process;
mod remote;
mod target;

pub use self::fate::{Fate, Way, When};
pub use self::inbox::{Handed, Inbox};
pub use self::killed::{Opens, at_any_point};
pub use self::many::many_at_once;
pub use self::process::{House, Process, acme, run_id};
pub use self::remote::Remote;
pub use self::target::{Seen, Target};
