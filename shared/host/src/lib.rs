//! The front door: reads the settings, builds the parts, and serves functions on the platform it was built for.
//!
//! Each platform is a cargo feature, and no executable is built with two of them. The shape of a request or
//! event is this crate's business; the functions see axum requests and core's own nouns.

mod clock;
#[cfg(any(feature = "aws", feature = "azure"))]
mod desk;
mod error;
#[cfg(feature = "local")]
mod local;
#[cfg(any(feature = "aws", feature = "azure", feature = "local"))]
mod otlp;
mod random;
#[cfg(any(feature = "aws", feature = "azure"))]
mod records;
#[cfg(any(feature = "aws", feature = "azure", feature = "local"))]
mod runtime;
mod settings;
#[cfg(any(feature = "aws", feature = "azure", feature = "local"))]
mod telemetry;
#[cfg(any(feature = "aws", feature = "azure"))]
mod uses;
#[cfg(any(feature = "aws", feature = "azure", feature = "local"))]
mod web;

#[cfg(feature = "azure")]
pub mod azure;
#[cfg(feature = "aws")]
pub mod lambda;
#[cfg(feature = "local")]
pub mod plain;

pub use self::clock::SystemClock;
pub use self::error::Error;
pub use self::random::SystemRandom;
pub use self::settings::{Mistake, Mistakes, Reader};
#[cfg(feature = "aws")]
pub use self::uses::Use;

/// Wipes what is freed, so that no copy of a secret outlives its use unseen.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
