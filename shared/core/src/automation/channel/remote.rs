//! The runner that is a function of its own, as its worker sees it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::automation::attempt::Pace;
use crate::automation::{Attempt, Exit, Job, Runner, SandboxReport};
use crate::clock::Clock;
use crate::outage::Outage;
use crate::random::Random;
use crate::records::Records;
use crate::secrets::SecretBytes;

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
    /// Waits before it is looked again whether there is a letter: about 150 ms.
    pub pace: Arc<dyn Pace>,
}

/// Runs each script in a function that has no rights, and speaks with it through the mailbox.
pub struct RemoteRunner<I> {
    invoke: I,
    desk: Desk,
    address: Url,
}

impl<I: Invoke> RemoteRunner<I> {
    /// A runner whose scripts reach us at the deployment's address.
    pub const fn new(invoke: I, desk: Desk, base_url: Url) -> Self {
        Self { invoke, desk, address: base_url }
    }
}

#[async_trait]
impl<I: Invoke> Runner for RemoteRunner<I> {
    async fn sandbox(&self) -> SandboxReport {
        SandboxReport::none()
    }

    async fn run(&self, _: Job, _: &dyn Attempt) -> Result<Exit, Outage> {
        let _ = (&self.invoke, &self.desk.records, &self.address);
        Err(Outage::harmless("run a script", "this runner takes none yet"))
    }
}
