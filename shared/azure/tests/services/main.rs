//! Runs the contracts against emulators of Azure's services.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod objects;
mod place;
mod queue;
mod records;
mod registry;
mod secrets;
mod signer;
