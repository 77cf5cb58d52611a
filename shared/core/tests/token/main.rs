//! Access tokens, from their issue to their end: what they say, who believes them, how they are taken back, and
//! how the keys behind them change.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod checked;
mod forged;
mod issued;
mod revoked;
mod rotated;
mod world;
