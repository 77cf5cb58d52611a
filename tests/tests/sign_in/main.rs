//! Signing in, as people, attackers and misfortune meet it: the whole login function behind its front, over
//! embedded parts and played providers.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod attacks;
mod browser;
mod clients;
mod flows;
mod misfortune;
mod provider;
mod sealing;
mod sessions;
mod stage;
mod targets;
mod tenants;
