//! The cage on Linux: what happens inside of it, and the gateway's side of it.

mod inside;
mod outside;
mod plan;
mod tree;

pub use self::inside::enter;
pub(crate) use self::outside::others_can_enter;
pub use self::outside::{ChildRunner, PrepareError};
