//! The relying party before a provider that can lie in every way.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod admission;
mod arbitrary;
mod claims;
mod credentials;
mod exchange;
mod house;
mod kinds;
mod metadata;
mod played;
mod signature;
mod vault;
