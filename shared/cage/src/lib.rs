//! Runs scripts in child processes that are kept apart from the gateway, as far as the machine can.
//!
//! The gateway starts its own executable again (`gatelet cage`), twice in a row. The first is the *keeper*: it looks
//! after one script, ends it when the gateway says so or is gone, and does not end before every process of the script
//! has. The second limits itself with calls that cannot be taken back, says what it reached, and becomes Python.
//! Nothing secret leaves the gateway before that was said.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod setup;

#[cfg(not(target_os = "linux"))]
use self::elsewhere::others_can_enter;
#[cfg(not(target_os = "linux"))]
pub use self::elsewhere::{ChildRunner, PrepareError, enter};
#[cfg(target_os = "linux")]
use self::linux::others_can_enter;
#[cfg(target_os = "linux")]
pub use self::linux::{ChildRunner, PrepareError, enter};
pub use self::setup::{Limits, Setup};

/// The word that starts the executable as a cage. What follows is for itself alone.
pub const WORD: &str = "cage";
