//! Tokens given, renewed and taken back: the functions `token` and `revoke` behind their front, over embedded
//! parts, as pages, clients, thieves and misfortune meet them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod failing;
mod logout;
mod page;
mod reading;
mod renewal;
mod revoke;
mod stage;
