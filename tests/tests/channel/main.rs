//! The attempt channel over HTTPS: a worker, a runner in another function, and the letters between them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod fates;
mod letters;
mod stage;
mod whole;
