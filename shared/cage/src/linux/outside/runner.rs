//! The runner: one cage for each script, and what is said between the two.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use async_trait::async_trait;
use gatelet_core::automation::catalog::Automation;
use gatelet_core::automation::{Attempt, Exit, Job, Runner, SandboxReport};
use gatelet_core::outage::Outage;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tokio::sync::{Mutex, OnceCell};

use super::super::plan::{Plan, Role, Task};
use super::environment::{Environments, PrepareError};
use super::folder::{Content, Folder};
use super::probe::{Found, Probed, probe};
use super::started::{Started, start};
use super::talk::{Talk, talk};
use crate::setup::Setup;

/// Runs each script in a child process of its own.
pub struct ChildRunner {
    setup: Setup,
    environments: Environments,
    probed: OnceCell<Probed>,
    /// Held while a script runs, where two of them could reach each other.
    alone: Mutex<()>,
}

impl ChildRunner {
    /// Makes one, and closes this process's memory to others of its user. What the machine can do is found out at the
    /// first use.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        // Where this fails, the probe sees it.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        let environments = Environments::new(setup.environments.clone());
        Self { setup, environments, probed: OnceCell::new(), alone: Mutex::new(()) }
    }

    /// Installs the packages that an automation needs; false when it needs none. `tell` hears how far it is.
    pub async fn prepare(
        &self,
        automation: &Automation,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, PrepareError> {
        let probed = self.probed().await;
        let Some(found) = &probed.found else { return Err(PrepareError::Python(why_not(probed))) };
        let packages = self.environments.prepare(automation, &found.python, tell).await?;
        Ok(!packages.is_empty())
    }

    async fn probed(&self) -> &Probed {
        self.probed.get_or_init(|| probe(&self.setup)).await
    }

    /// The folders with the packages of an automation. Who waits for them is told.
    async fn packages(
        &self,
        automation: &Automation,
        found: &Found,
        attempt: &dyn Attempt,
    ) -> Result<Vec<PathBuf>, PrepareError> {
        if let Some(packages) = self.environments.found(automation, &found.python) {
            return Ok(packages);
        }
        attempt.output(vec!["gatelet: preparing the Python environment, once".to_owned()]).await;
        self.environments.prepare(automation, &found.python, &|_| {}).await
    }

    fn plan(&self, job: &Job, found: &Found, folder: &Folder, packages: &[PathBuf]) -> Plan {
        let network = !job.automation.connections.is_empty();
        let mut readable = found.python.readable(network);
        readable.extend([folder.script(), folder.package()]);
        readable.extend(packages.iter().cloned());
        let text = |path: &Path| path.display().to_string();
        let options = ["-I", "-S", "-B", "-u", "-X", "utf8"].map(str::to_owned);
        let mut arguments = options.to_vec();
        arguments.push(text(&folder.package()));
        for path in packages {
            arguments.extend(["--libraries".to_owned(), text(path)]);
        }
        arguments.push(text(&folder.script()));
        let task = Task::Run { program: found.python.program().to_owned(), arguments };
        Plan {
            role: Role::Keeper,
            task,
            folder: folder.root().to_owned(),
            scratch: folder.scratch(),
            readable,
            executable: found.python.executable(),
            network,
            user: found.user,
            limits: self.setup.limits,
            grace_ms: u64::try_from(self.setup.grace.as_millis()).unwrap_or(u64::MAX),
        }
    }

    async fn run_in(
        &self,
        folder: &Folder,
        found: &Found,
        job: Job,
        attempt: &dyn Attempt,
    ) -> Result<Exit, Outage> {
        let packages = tokio::select! {
            packages = self.packages(&job.automation, found, attempt) => packages,
            why = attempt.stopped() => return Ok(Exit::Stopped(why)),
        };
        let packages =
            packages.map_err(|error| Outage::harmless("prepare the environment", error))?;
        let plan = self.plan(&job, found, folder, &packages);
        let started = start(&self.setup.executable, &plan).await;
        let started = started.map_err(|said| Outage::harmless("build a cage", said))?;
        let Started { mut keeper, answers, messages, output, walls } = started;
        if !walls.reach(&found.walls) {
            drop(answers);
            let _ = keeper.wait().await;
            return Err(Outage::harmless(
                "build a cage",
                "it is weaker than the one that was probed",
            ));
        }
        let said = Talk {
            start: job.start,
            timeout: job.timeout,
            grace: self.setup.grace,
            scratch: folder.scratch(),
            limits: self.setup.limits,
        };
        let (stopped, status) = talk(said, (keeper, answers, messages, output), attempt).await?;
        Ok(stopped.map_or_else(|| ended(status), Exit::Stopped))
    }
}

#[async_trait]
impl Runner for ChildRunner {
    async fn sandbox(&self) -> SandboxReport {
        self.probed().await.report.clone()
    }

    async fn run(&self, job: Job, attempt: &dyn Attempt) -> Result<Exit, Outage> {
        let probed = self.probed().await;
        let Some(found) = &probed.found else {
            return Err(Outage::harmless("run a script", why_not(probed)));
        };
        // Scripts of one user could read each other, if the kernel did not keep them apart.
        let apart = found.walls.landlock == "full";
        let _alone = if apart { None } else { Some(self.alone.lock().await) };
        let (base, user) = (self.setup.scratch.clone(), found.user);
        let (automation, package) = (job.automation.clone(), self.setup.package.clone());
        let laid_out = tokio::task::spawn_blocking(move || {
            let content = Content { script: &automation.files, package: &package };
            Folder::lay_out(&base, user, &content)
        });
        let folder = laid_out.await.map_err(std::io::Error::other).and_then(|folder| folder);
        let folder = folder.map_err(|error| Outage::harmless("lay out a script", error))?;
        let exit = self.run_in(&folder, found, job, attempt).await;
        let removed = tokio::task::spawn_blocking(move || folder.remove()).await;
        if let Err(error) = removed.map_err(std::io::Error::other).and_then(|removed| removed) {
            tracing::error!(%error, "the folder of a run could not be removed");
        }
        exit
    }
}

/// Why no script is run here.
fn why_not(probed: &Probed) -> String {
    let failed = probed.report.probes.iter().find(|probe| !probe.holds);
    failed.map_or_else(|| "this host runs no scripts".to_owned(), |probe| probe.detail.clone())
}

fn ended(status: ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}
