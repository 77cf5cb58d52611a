//! Scripts that want to do harm, run by a real Python in a real cage, and what the runner says about them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod fill;
mod reach;
mod stage;
mod stay;
mod words;
