//! A gateway whose dependencies are played: all in memory, with a clock that stands still, and with weather. A test
//! says which call to which dependency comes to nothing, or arrives and loses its answer.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "only tests play, and a test fails by panicking"
)]

mod api;
mod gateway;
mod mailbox;
mod memory;
mod people;
mod ports;
mod provider;
mod queue;
mod script;
mod visitor;
mod weather;

pub use self::gateway::{Gateway, NOW, Store};
pub use self::memory::MemoryRecords;
pub use self::people::{CHALLENGE, CLIENT, REDIRECT, VERIFIER};
pub use self::provider::{Providers, Who};
pub use self::queue::MemoryQueue;
pub use self::script::{Script, catalog};
pub use self::visitor::{Answer, Ask};
pub use self::weather::{Loss, Port, Storm, Weather};
pub use gatelet_contracts::runs::MemoryObjects;
