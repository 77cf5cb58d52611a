//! One story, told on every platform: the stages on which it plays.
//!
//! A stage starts the real executables on a platform's emulators and gives the story five things: a way to
//! send requests as a browser would, the operator's registry and secrets in their places, a tick of the timer,
//! the platform's queue at work, and the records that the functions use.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a stage that cannot be set up fails the test that wanted it"
)]

mod answer;
mod browser;

pub mod aws;
pub mod azure;
mod front;
mod functions_host;
pub mod local;
mod process;
mod runtime_api;
mod scene;
mod stage;
mod table;
pub mod walk;

pub use self::answer::Answer;
pub use self::browser::{Browser, Page};
pub use self::front::Front;
pub use self::functions_host::FunctionsHost;
pub use self::process::{Process, binary, free_port, lambda, log_filter, project, setting};
pub use self::runtime_api::RuntimeApi;
pub use self::scene::{CLIENT, CLIENT_REDIRECT, PROVIDER, Scene};
pub use self::stage::{Stage, eventually};
pub use self::table::{Rows, side_by_side};
