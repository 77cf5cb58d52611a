//! The world outside, which counts what happens to it, and the script that acts on it.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::attempt::{Answer, Message};
use gatelet_core::automation::{
    Attempt, Effect, EffectClass, Exit, Job, RunId, Runner, SandboxReport,
};
use gatelet_core::outage::Outage;
use serde_json::{Map, Value};
use tokio::time::sleep;

use crate::fate::Fate;

/// What it is kept in.
const FILE: &str = "target";

/// Keeps what happened: a line each, of run, class and token.
pub struct Target {
    lines: Lines,
    kills: AtomicBool,
}

enum Lines {
    InMemory(Mutex<Vec<String>>),
    /// For several processes, each of which adds whole lines.
    InFile(PathBuf, File),
}

/// What has happened for one run, by the class of the step that did it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The tokens of class A. One that comes again is answered and does nothing.
    tokens: BTreeSet<String>,
    /// Whether the object of class B is there. A second create is refused.
    is_created: bool,
    /// How often the member of class C was added.
    members: u32,
    /// How often the mail of class D was sent.
    mails: u32,
}

impl Seen {
    /// A, B and C at most once in effect, D at most once at all.
    #[must_use]
    pub fn within_promise(&self) -> bool {
        self.tokens.len() <= 1 && self.members <= 1 && self.mails <= 1
    }

    /// Each of them once.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.tokens.len() == 1 && self.is_created && self.members == 1 && self.mails == 1
    }

    pub(crate) fn has_mail(&self) -> bool {
        self.mails > 0
    }
}

impl Default for Target {
    fn default() -> Self {
        Self { lines: Lines::InMemory(Mutex::default()), kills: AtomicBool::new(false) }
    }
}

impl Target {
    /// One that is kept in a folder, for all processes that look there.
    pub(crate) fn at(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        Self { lines: Lines::InFile(path, file), ..Self::default() }
    }

    /// What has happened for this run.
    pub fn seen(&self, run: &RunId) -> Seen {
        let lines = match &self.lines {
            Lines::InMemory(lines) => lines.lock().unwrap().join("\n"),
            Lines::InFile(path, _) => std::fs::read_to_string(path).unwrap(),
        };
        let mut seen = Seen::default();
        let of_run = |line: &&str| line.split(' ').next() == Some(&run.to_string());
        for line in lines.lines().filter(of_run) {
            let mut words = line.split(' ').skip(1);
            match words.next().unwrap() {
                "A" => drop(seen.tokens.insert(words.next().unwrap().to_owned())),
                "B" => seen.is_created = true,
                "C" => seen.members += 1,
                "D" => seen.mails += 1,
                _ => {}
            }
        }
        seen
    }

    /// How much has happened for all runs.
    pub(crate) fn count(folder: &Path) -> usize {
        std::fs::read_to_string(folder.join(FILE)).unwrap_or_default().lines().count()
    }

    /// From now on each script is killed before it can say how it ended.
    pub fn kill_scripts(&self) {
        self.kills.store(true, Ordering::SeqCst);
    }

    fn act(&self, run: &RunId, class: EffectClass, token: &str, repeated: bool) {
        // Looked up first where it may have been done.
        if class == EffectClass::C && repeated && self.seen(run).members > 0 {
            return;
        }
        let line = format!("{run} {class:?} {token}");
        match &self.lines {
            Lines::InMemory(lines) => lines.lock().unwrap().push(line),
            Lines::InFile(_, file) => {
                let mut file: &File = file;
                file.write_all(format!("{line}\n").as_bytes()).unwrap();
            }
        }
    }
}

/// Runs the one script: a step of each class, one after the other.
pub(crate) struct Script {
    pub(crate) target: Arc<Target>,
    pub(crate) fate: Arc<Fate>,
    pub(crate) effect: Effect,
    pub(crate) pause: Duration,
}

const STEPS: [(&str, EffectClass); 5] = [
    ("list", EffectClass::R),
    ("token", EffectClass::A),
    ("create", EffectClass::B),
    ("member", EffectClass::C),
    ("mail", EffectClass::D),
];

/// What the kernel does to a process when the memory is used up.
const KILLED: Exit = Exit::Signal(9);

impl Script {
    /// What the script does; `Err` is how it ended before its end.
    async fn play(&self, run: &RunId, attempt: &dyn Attempt) -> Result<Exit, Exit> {
        go(attempt.hear(Message::Hello).await)?;
        let kills = self.target.kills.load(Ordering::SeqCst);
        for (key, class) in STEPS {
            sleep(self.pause).await;
            if self.effect == Effect::Unsafe {
                // It says nothing of its steps, and only one of them matters.
                if class == EffectClass::D {
                    self.act(run, key, class, ("-", false)).await?;
                }
                continue;
            }
            if kills && class == EffectClass::D {
                return Err(KILLED);
            }
            self.step(run, attempt, key, class).await?;
        }
        go(attempt.hear(Message::Result { value: Value::Object(Map::new()) }).await)?;
        Ok(Exit::Status(0))
    }

    async fn step(
        &self,
        run: &RunId,
        attempt: &dyn Attempt,
        key: &str,
        class: EffectClass,
    ) -> Result<(), Exit> {
        let (title, params) = (key.to_owned(), "0".repeat(64));
        let intent = Message::Intent { key: key.into(), class, title, params, quiet: false };
        match attempt.hear(intent).await {
            Answer::Begin { token, repeated } => {
                self.act(run, key, class, (&token, repeated)).await?;
                let value = Value::Null;
                go(attempt
                    .hear(Message::Done { key: key.into(), evidence: Map::new(), value })
                    .await)
            }
            Answer::Skip { .. } => Ok(()),
            Answer::Stop { .. } => Err(STOPPED),
            other => panic!("{key}: {other:?}"),
        }
    }

    async fn act(
        &self,
        run: &RunId,
        key: &str,
        class: EffectClass,
        (token, repeated): (&str, bool),
    ) -> Result<(), Exit> {
        let act = || self.target.act(run, class, token, repeated);
        self.fate.act(&format!("effect {key}"), act).await.ok_or(KILLED)
    }
}

const STOPPED: Exit = Exit::Stopped("stopped");

fn go(answer: Answer) -> Result<(), Exit> {
    match answer {
        Answer::Go => Ok(()),
        Answer::Stop { .. } => Err(STOPPED),
        other => panic!("{other:?}"),
    }
}

#[async_trait]
impl Runner for Script {
    async fn sandbox(&self) -> SandboxReport {
        SandboxReport::none()
    }

    async fn run(&self, job: Job, attempt: &dyn Attempt) -> Result<Exit, Outage> {
        tokio::select! {
            exit = self.play(&job.run, attempt) => Ok(exit.unwrap_or_else(|early| early)),
            why = attempt.stopped() => Ok(Exit::Stopped(why)),
        }
    }
}
