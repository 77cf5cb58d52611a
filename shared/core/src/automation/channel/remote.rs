//! The runner that is a function of its own, as its worker sees it.

use std::time::Duration;

use async_trait::async_trait;
use futures::lock::Mutex;
use url::Url;

use super::host::Host;
use super::key::AttemptKey;
use super::payload::{PROBE, payload, report_of};
use super::place::AttemptPlace;
use super::talk::Talk;
use super::{Desk, Invoke, Invoked};
use crate::automation::{Attempt, Exit, Job, Runner, SandboxReport};
use crate::outage::{Chain, Outage};
use crate::secrets::SecretBytes;

/// How much longer than its script a runner may take: to begin, and to end what it began.
pub(super) const GRACE: Duration = Duration::from_mins(1);
/// How long a mailbox is kept that nobody clears away, beyond its attempt.
const KEPT: Duration = Duration::from_hours(1);
/// The longest that a runner may take to tell its isolation, a cold start included.
const PROBED_WITHIN: Duration = Duration::from_secs(30);

/// Runs each script in a function that has no rights, and speaks with it through the mailbox.
pub struct RemoteRunner<I> {
    invoke: I,
    desk: Desk,
    base_url: Url,
    probed: Mutex<Option<SandboxReport>>,
}

impl<I: Invoke> RemoteRunner<I> {
    /// A runner whose scripts reach us at the deployment's address.
    pub fn new(invoke: I, desk: Desk, base_url: Url) -> Self {
        Self { invoke, desk, base_url, probed: Mutex::new(None) }
    }

    async fn probe(&self) -> Option<SandboxReport> {
        let answer = match self.invoke.invoke(SecretBytes::new(PROBE.to_vec()), PROBED_WITHIN).await
        {
            Ok(Invoked::Answered(answer)) => answer,
            Ok(Invoked::Died(why)) => {
                tracing::error!(why, "the runner died when it was probed");
                return None;
            }
            Err(outage) => {
                tracing::error!(error = %Chain(&outage), "the runner could not be probed");
                return None;
            }
        };
        let report = report_of(&answer);
        if report.is_none() {
            tracing::error!("the runner does not tell its isolation");
        }
        report
    }
}

#[async_trait]
impl<I: Invoke> Runner for RemoteRunner<I> {
    /// As the runner reports it. One that could not be asked is asked again the next time.
    async fn sandbox(&self) -> SandboxReport {
        let mut probed = self.probed.lock().await;
        if probed.is_none() {
            *probed = self.probe().await;
        }
        probed.clone().unwrap_or_else(SandboxReport::none)
    }

    async fn run(&self, job: Job, attempt: &dyn Attempt) -> Result<Exit, Outage> {
        const DOING: &str = "open an attempt's mailbox";
        let key = AttemptKey::draw(&*self.desk.random);
        let Job { tenant, run, fence, timeout, .. } = &job;
        let path = format!("attempts/{tenant}/{run}/{fence}");
        let url = self.base_url.join(&path).map_err(|error| Outage::harmless(DOING, error))?;
        let place = AttemptPlace { tenant: tenant.clone(), run: run.clone(), fence: *fence };
        let ends = self.desk.clock.now() + *timeout + GRACE;
        let host = Host::open(&self.desk, place, &key, ends + KEPT).await;
        let host = host.map_err(|error| Outage::harmless(DOING, error))?;
        let payload = payload(&job, url.as_str(), &key);
        let invocation = self.invoke.invoke(payload, *timeout + GRACE);
        let talk = Talk::new(&host, &*self.desk.pace, ends);
        let exit = talk.until_its_end(invocation, attempt).await;
        talk.close().await;
        exit
    }
}
