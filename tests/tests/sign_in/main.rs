//! Signing in, as people, attackers and misfortune meet it: the whole login function behind its front, over
//! embedded parts and played providers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod provider;
mod sealing;
mod stage;
mod targets;
