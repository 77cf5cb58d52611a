//! A runner, an attempt that keeps what it hears, and scripts that speak the channel by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_cage::{ChildRunner, Setup};
use gatelet_core::automation::attempt::{Answer, Message};
use gatelet_core::automation::catalog::{Automation, Need, OnBusy};
use gatelet_core::automation::{Attempt, Effect, Exit, Job, Level, RunId, Runner as _};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_core::tenant::TenantId;
use rustix::process::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;

/// How a script says something and hears the answer.
const CHANNEL: &str = "
import json, os
_answers = os.fdopen(os.dup(4), 'rb')
start = json.loads(_answers.readline())
def raw(line):
    while line:
        line = line[os.write(3, line):]
def say(**message):
    raw((json.dumps(message) + '\\n').encode())
    return json.loads(_answers.readline())
def hear():
    return json.loads(_answers.readline())
def log(what):
    return say(m='log', text=json.dumps(what))
say(m='hello')
def tried(what, *more):
    try:
        return 'could: ' + repr(what(*more))[:200]
    except BaseException as error:
        return 'refused: ' + repr(error)[:200]
";

/// The least that starts a script.
pub(crate) const ENTRY: &str = "
import os, runpy, sys
folder = sys.argv.pop()
sys.path[:0] = [folder, os.path.dirname(__file__)] + sys.argv[2:]
sys.argv[:] = [folder + '/main.py']
runpy.run_path(sys.argv[0], run_name='__main__')
";

/// A runner with folders of its own.
pub(crate) struct Stage {
    pub(crate) runner: ChildRunner,
    pub(crate) folder: TempDir,
}

/// What a script did.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    pub(crate) messages: Vec<Message>,
    pub(crate) lines: Vec<String>,
}

impl Told {
    /// What it logged, as JSON.
    pub(crate) fn logged(&self) -> Vec<Value> {
        let texts = self.messages.iter().filter_map(|message| match message {
            Message::Log { text } => serde_json::from_str(text).ok(),
            _ => None,
        });
        texts.collect()
    }

    /// The one thing that it logged; what it printed, where it logged nothing.
    pub(crate) fn first(&self) -> Value {
        self.logged().first().unwrap_or_else(|| panic!("{self:?}")).clone()
    }
}

/// Everything in an object of outcomes was refused.
pub(crate) fn assert_refused(outcomes: &Value) {
    let outcomes = outcomes.as_object().unwrap();
    assert!(!outcomes.is_empty());
    for (what, outcome) in outcomes {
        assert!(outcome.as_str().unwrap().starts_with("refused"), "{what}: {outcome}");
    }
}

/// What an attempt does besides listening.
#[derive(Default)]
pub(crate) struct Listener {
    messages: Mutex<Vec<Message>>,
    lines: Mutex<Vec<String>>,
    stop: Notify,
    /// Whether the text `refuse` is answered with `stop`.
    refuses: bool,
}

impl Listener {
    /// One that answers the text `refuse` with `stop`.
    pub(crate) fn refusing() -> Self {
        Self { refuses: true, ..Self::default() }
    }
}

#[async_trait]
impl Attempt for Listener {
    async fn hear(&self, message: Message) -> Answer {
        let says = |what: &str| matches!(&message, Message::Log { text } if text.contains(what));
        if says("stop me") {
            self.stop.notify_one();
        }
        let answer = match &message {
            Message::Intent { .. } => Answer::Begin { token: "a token".into(), repeated: false },
            _ if self.refuses && says("refuse") => Answer::Stop { reason: "lease_lost".into() },
            _ => Answer::Go,
        };
        self.messages.lock().unwrap().push(message);
        answer
    }

    async fn output(&self, lines: Vec<String>) {
        self.lines.lock().unwrap().extend(lines);
    }

    async fn stopped(&self) -> &'static str {
        self.stop.notified().await;
        "cancelled"
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With another setup.
    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Scripts of another user must come to the folders in it.
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let executable = env!("CARGO_BIN_EXE_gatelet-cage").into();
        let (scratch, environments) =
            (folder.path().join("runs"), folder.path().join("environments"));
        let mut setup = Setup::new(executable, scratch, environments);
        setup.grace = Duration::from_millis(300);
        setup.package = package(&[("__main__.py", ENTRY)]);
        change(&mut setup);
        Self { runner: ChildRunner::new(setup), folder }
    }

    /// Runs a script for at most twenty seconds.
    pub(crate) async fn run(&self, script: &str) -> Told {
        self.run_job(job(script, &json!({}), false), &Listener::default()).await.unwrap()
    }

    /// The same with a time-out, in milliseconds.
    pub(crate) async fn run_for(&self, millis: u64, script: &str) -> Told {
        let job = Job { timeout: Duration::from_millis(millis), ..job(script, &json!({}), false) };
        self.run_job(job, &Listener::default()).await.unwrap()
    }

    /// Runs anything, and looks whether something of it is left.
    pub(crate) async fn run_job(&self, job: Job, listener: &Listener) -> Result<Told, Outage> {
        assert!(
            self.runner.sandbox().await.level >= Level::S1,
            "{:?}",
            self.runner.sandbox().await
        );
        let exit = self.runner.run(job, listener).await?;
        assert_eq!(self.processes(), Vec::<String>::new(), "a process is left");
        assert_eq!(self.leftovers(), Vec::<String>::new(), "a file is left");
        let messages = listener.messages.lock().unwrap().clone();
        let lines = listener.lines.lock().unwrap().clone();
        Ok(Told { exit, messages, lines })
    }

    /// The processes that were started with a path below our folder, keepers too.
    pub(crate) fn processes(&self) -> Vec<String> {
        let ours = self.folder.path().to_str().unwrap();
        let commands = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&command).into_owned())
        });
        commands.filter(|command| command.contains(ours)).collect()
    }

    /// The keepers among them.
    pub(crate) fn keepers(&self) -> Vec<Pid> {
        let ours = self.folder.path().to_str().unwrap();
        let found = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).into_owned();
            let is_ours = command.contains(ours) && command.contains("\"role\":\"Keeper\"");
            is_ours.then(|| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)).flatten()
        });
        found.collect()
    }

    /// What lies where runs have their folders.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("runs")).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

/// A job whose script begins with the channel. `inputs` is in its start document.
pub(crate) fn job(script: &str, inputs: &Value, network: bool) -> Job {
    let start = json!({ "v": 1, "run": "r", "fence": 1, "inputs": inputs });
    Job {
        tenant: TenantId::new("acme").unwrap(),
        run: RunId::new("0".repeat(32)).unwrap(),
        fence: 1,
        automation: Arc::new(automation(script, network)),
        start: SecretBytes::new(start.to_string().into_bytes()),
        timeout: Duration::from_secs(20),
    }
}

/// A catalog entry with this script.
pub(crate) fn automation(script: &str, network: bool) -> Automation {
    let main = format!("from channel import *\nfrom channel import _answers\n{script}");
    let files = [("main.py", main), ("channel.py", CHANNEL.to_owned())];
    let need = Need { kind: "token".into(), title: "A server".into(), may: Vec::new() };
    Automation {
        name: "hostile".into(),
        title: "Hostile".into(),
        summary: "Tries what it may not.".into(),
        version: "1".into(),
        digest: "0".into(),
        effect: Effect::Reads,
        scope: "runs:write".into(),
        roles: Vec::new(),
        timeout: Duration::from_secs(20),
        attempts: 1,
        sandbox: Level::S1,
        concurrency: 1,
        on_busy: OnBusy::Queue,
        schedule: None,
        connections: network.then(|| ("server".to_owned(), need)).into_iter().collect(),
        inputs: json!({}),
        result: json!({}),
        files: files.into_iter().map(|(name, text)| (name.to_owned(), Bytes::from(text))).collect(),
    }
}

/// Waits until something holds, which another process brings about.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came about: {what}");
}

/// The package that a script gets besides its own files.
pub(crate) fn package(files: &[(&str, &str)]) -> BTreeMap<String, Bytes> {
    let files = files.iter();
    files.map(|(name, text)| ((*name).to_owned(), Bytes::from((*text).to_owned()))).collect()
}

/// Whether a path is below another.
pub(crate) fn is_below(path: &str, folder: &Path) -> bool {
    Path::new(path).starts_with(folder)
}
