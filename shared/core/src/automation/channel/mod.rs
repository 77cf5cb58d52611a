//! The attempt channel of a script that runs in another function: a mailbox in the run's own partition.
//!
//! The worker that invoked the runner holds the run. It alone knows the script's secrets, so it alone can take them out
//! of what the script says. The function that the runner reaches has no secrets: it carries letters, sealed under keys
//! that follow from the attempt's, which is stored nowhere.

mod carrier;
mod host;
mod key;
mod letter;
mod mailbox;
mod payload;
mod place;
mod remote;
mod talk;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use self::carrier::{Carrier, Posted};
pub use self::key::AttemptKey;
pub use self::letter::LETTER_BYTES;
pub use self::place::AttemptPlace;
pub use self::remote::RemoteRunner;
use super::attempt::Pace;
use crate::clock::Clock;
use crate::outage::Outage;
use crate::random::Random;
use crate::records::Records;
use crate::secrets::SecretBytes;

/// How long a worker waits before it looks again whether there is a letter.
pub const POLL: Duration = Duration::from_millis(150);

/// Starts the runner's function. One call is one invocation: whoever implements this repeats nothing.
#[async_trait]
pub trait Invoke: Send + Sync {
    /// Invokes it with this payload and waits for its answer, for so long at most. A harmless outage means that it
    /// certainly never began; any other, that nobody knows.
    async fn invoke(&self, payload: SecretBytes, timeout: Duration) -> Result<Invoked, Outage>;
}

/// What came of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoked {
    /// It answered this JSON document.
    Answered(Vec<u8>),
    /// It was started and came to an end without an answer: out of memory or time, or a mistake. What the platform
    /// says about it, for the log.
    Died(String),
}

/// What a worker carries letters with.
pub struct Desk {
    /// Where they lie.
    pub records: Arc<dyn Records>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws the attempts' keys.
    pub random: Arc<dyn Random>,
    /// Waits [`POLL`] before it is looked again whether there is a letter.
    pub pace: Arc<dyn Pace>,
}
