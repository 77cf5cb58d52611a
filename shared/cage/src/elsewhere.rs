//! Where there is no Linux no script is run: nothing of this kind keeps one apart there.

use std::ffi::OsString;
use std::process::ExitCode;

use async_trait::async_trait;
use gatelet_core::automation::catalog::Automation;
use gatelet_core::automation::{Attempt, Exit, Job, Runner, SandboxReport};
use gatelet_core::outage::Outage;

use crate::setup::Setup;

/// Runs nothing.
pub struct ChildRunner;

/// Nothing is prepared here.
#[derive(Debug, thiserror::Error)]
#[error("scripts are run on Linux only")]
pub struct PrepareError;

impl ChildRunner {
    /// One that refuses everything.
    #[must_use]
    pub fn new(_: Setup) -> Self {
        Self
    }

    /// Prepares nothing.
    #[expect(clippy::unused_async, reason = "as it is on Linux")]
    pub async fn prepare(
        &self,
        _: &Automation,
        _: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, PrepareError> {
        Err(PrepareError)
    }
}

#[async_trait]
impl Runner for ChildRunner {
    async fn sandbox(&self) -> SandboxReport {
        SandboxReport::none()
    }

    async fn run(&self, _: Job, _: &dyn Attempt) -> Result<Exit, Outage> {
        Err(Outage::harmless("run a script", PrepareError))
    }
}

/// Nobody has to.
pub(crate) const fn others_can_enter(_: &std::path::Path) -> bool {
    true
}

/// There is no cage to enter.
#[must_use]
pub fn enter(_: Option<OsString>) -> ExitCode {
    ExitCode::FAILURE
}
