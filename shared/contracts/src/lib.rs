//! What every adapter owes its callers, written once and run against each of them.
//!
//! A contract is an async function that panics where a promise is broken, like a test. It uses names that
//! nobody else uses, so that several runs may share one emulator, and its times lie far ahead, because some
//! stores delete by a clock of their own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a contract fails by panicking, like any test"
)]

mod clock;
pub mod families;
pub mod objects;
pub mod queue;
mod random;
pub mod records;
pub mod registry;
pub mod runs;
pub mod secrets;
pub mod signer;
mod vault;

pub use self::clock::ManualClock;
pub use self::random::{SeededRandom, unique};
pub use self::vault::MemorySecrets;
