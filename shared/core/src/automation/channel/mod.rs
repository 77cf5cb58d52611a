//! The attempt channel of a script that runs in another function: a mailbox in the run's own partition.
//!
//! The worker that invoked the runner holds the run. It alone knows the script's secrets, so it alone can take them out
//! of what the script says. The function that the runner reaches has no secrets: it carries letters, sealed under the
//! attempt's key, which is stored nowhere.

mod remote;

pub use self::remote::{Desk, Invoke, Invoked, RemoteRunner};
