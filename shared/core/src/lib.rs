//! Decides. The rules of sessions, keys, revocation, runs and audit, and the ports they stand on.
//!
//! **Invariant:** nothing here names a cloud, speaks HTTP, reads the environment or asks the machine for the
//! time or for randomness. **Invariant:** a type that holds a secret can be neither printed, cloned nor
//! serialised.

pub mod audit;
pub mod automation;
pub mod clock;
pub mod connection;
mod digest;
pub mod identity;
mod meant;
pub mod mistakes;
pub mod objects;
pub mod outage;
pub mod parts;
pub mod random;
pub mod records;
pub mod registry;
pub mod revocation;
pub mod secrets;
pub mod session;
pub mod sign_in;
pub mod tenant;
pub mod token;
pub mod trace;
pub mod web;

pub use self::meant::meant;
