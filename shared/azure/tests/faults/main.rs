//! What becomes of calls when Azure does not answer, answers half, or says no: played by a small server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod identity;
mod invoke;
mod records;
mod server;
mod writes;
