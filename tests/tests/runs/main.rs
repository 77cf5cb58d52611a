//! Runs by what their store and their worker promise each other: exactly once in effect, whatever dies in between.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod broker;
mod life;
mod property;
mod room;
mod stage;
mod steps;
