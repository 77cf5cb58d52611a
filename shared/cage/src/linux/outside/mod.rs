//! The gateway's side of the cage.

mod channel;
mod environment;
mod folder;
mod probe;
mod python;
mod runner;
mod started;
mod talk;

pub use self::environment::PrepareError;
pub(crate) use self::folder::others_can_enter;
pub use self::runner::ChildRunner;
