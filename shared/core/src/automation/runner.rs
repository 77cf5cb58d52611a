//! The port that carries a script out in isolation.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::attempt::{Answer, Message};
use super::catalog::Automation;
use super::{RunId, SandboxReport};
use crate::outage::Outage;
use crate::secrets::SecretBytes;
use crate::tenant::TenantId;

/// Executes one script at a time for each call, apart from the gateway.
#[async_trait]
pub trait Runner: Send + Sync {
    /// The isolation that a script would get here. Probed once for each process.
    async fn sandbox(&self) -> SandboxReport;

    /// Runs a script until it has ended, and tells its messages and its output to `attempt` in order. When this
    /// returns, no process of the script is left and its scratch folder is gone, unless it says [`Exit::Unknown`]. An outage means that it certainly never began.
    async fn run(&self, job: Job, attempt: &dyn Attempt) -> Result<Exit, Outage>;
}

/// A script with everything that it gets.
pub struct Job {
    /// Whose run.
    pub tenant: TenantId,
    /// Which run.
    pub run: RunId,
    /// Under which fence.
    pub fence: u32,
    /// What is run.
    pub automation: Arc<Automation>,
    /// The start document as JSON: inputs, files and credentials. It travels through a pipe and is wiped.
    pub start: SecretBytes,
    /// The longest it may take. The runner ends it then.
    pub timeout: Duration,
}

/// The gateway's side of the channel: it keeps what it hears.
#[async_trait]
pub trait Attempt: Send + Sync {
    /// Hears a message and answers it. After `Stop` the runner ends the script.
    async fn hear(&self, message: Message) -> Answer;

    /// Hears lines that the script wrote to its standard output or error.
    async fn output(&self, lines: Vec<String>);

    /// Waits until the script must end, and tells why in a stable word: `cancelled`, `lease_lost`.
    async fn stopped(&self) -> &'static str;
}

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// By this signal, which the runner did not send: out of memory, a forbidden call.
    Signal(i32),
    /// The runner ended it: `timed_out`, or the reason that the attempt gave.
    Stopped(&'static str),
    /// Nobody knows whether it has ended: its runner was lost after the script had begun. Only the end of its credential
    /// keeps it out.
    Unknown,
}

/// Stands where scripts are not run. It refuses all of them.
pub struct NoRunner;

#[async_trait]
impl Runner for NoRunner {
    async fn sandbox(&self) -> SandboxReport {
        SandboxReport::none()
    }

    async fn run(&self, _: Job, _: &dyn Attempt) -> Result<Exit, Outage> {
        Err(Outage::harmless("run a script", "this host has no runner"))
    }
}
