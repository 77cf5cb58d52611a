//! The world outside, which counts what happens to it, and the script that acts on it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::attempt::{Answer, Message};
use gatelet_core::automation::{Attempt, Effect, EffectClass, Exit, Job, Runner, SandboxReport};
use gatelet_core::outage::Outage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::sleep;

use crate::fate::Fate;

/// Counts effects.
#[derive(Default)]
pub(crate) struct Target {
    seen: Mutex<Seen>,
    /// Where it is written down, for those that come after a process that was killed.
    file: Option<PathBuf>,
    kills: AtomicBool,
}

/// What has happened, by the class of the step that did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
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
    pub(crate) fn within_promise(&self) -> bool {
        self.tokens.len() <= 1 && self.members <= 1 && self.mails <= 1
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.tokens.len() == 1 && self.is_created && self.members == 1 && self.mails == 1
    }

    pub(crate) fn has_mail(&self) -> bool {
        self.mails > 0
    }
}

impl Target {
    /// What was written down in a folder, and is from here on.
    pub(crate) fn at(folder: &Path) -> Self {
        let file = folder.join("target.json");
        let seen = std::fs::read(&file).map(|text| serde_json::from_slice(&text).unwrap());
        Self { seen: Mutex::new(seen.unwrap_or_default()), file: Some(file), ..Self::default() }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// From now on each script is killed before it can say how it ended.
    pub(crate) fn kill_scripts(&self) {
        self.kills.store(true, Ordering::SeqCst);
    }

    fn act(&self, class: EffectClass, token: &str, repeated: bool) {
        let mut seen = self.seen.lock().unwrap();
        match class {
            EffectClass::A => drop(seen.tokens.insert(token.to_owned())),
            EffectClass::B => seen.is_created = true,
            // Looked up first where it may have been done.
            EffectClass::C if repeated && seen.members > 0 => {}
            EffectClass::C => seen.members += 1,
            EffectClass::D => seen.mails += 1,
            EffectClass::R => {}
        }
        if let Some(file) = &self.file {
            std::fs::write(file, serde_json::to_vec(&*seen).unwrap()).unwrap();
        }
    }
}

/// Runs the one script: a step of each class, one after the other.
pub(crate) struct Script {
    pub(crate) target: Arc<Target>,
    pub(crate) fate: Arc<Fate>,
    pub(crate) effect: Effect,
}

const STEPS: [(&str, EffectClass); 5] = [
    ("list", EffectClass::R),
    ("token", EffectClass::A),
    ("create", EffectClass::B),
    ("member", EffectClass::C),
    ("mail", EffectClass::D),
];

impl Script {
    /// What the script does; `None` when it was told to stop.
    async fn play(&self, attempt: &dyn Attempt) -> Option<Exit> {
        go(attempt.hear(Message::Hello).await)?;
        let kills = self.target.kills.load(Ordering::SeqCst);
        for (key, class) in STEPS {
            sleep(Duration::from_secs(3)).await;
            if self.effect == Effect::Unsafe {
                // It says nothing of its steps, and only one of them matters.
                if class == EffectClass::D {
                    self.fate.meet(async { self.target.act(class, "", false) }).await;
                }
                continue;
            }
            if kills && class == EffectClass::D {
                return Some(Exit::Signal(9));
            }
            self.step(attempt, key, class).await?;
        }
        go(attempt.hear(Message::Result { value: Value::Object(Map::new()) }).await)?;
        Some(Exit::Status(0))
    }

    async fn step(&self, attempt: &dyn Attempt, key: &str, class: EffectClass) -> Option<()> {
        let (title, params) = (key.to_owned(), "0".repeat(64));
        let intent = Message::Intent { key: key.into(), class, title, params, quiet: false };
        match attempt.hear(intent).await {
            Answer::Begin { token, repeated } => {
                self.fate.meet(async { self.target.act(class, &token, repeated) }).await;
                let value = Value::Null;
                go(attempt
                    .hear(Message::Done { key: key.into(), evidence: Map::new(), value })
                    .await)
            }
            Answer::Skip { .. } => Some(()),
            Answer::Stop { .. } => None,
            other => panic!("{key}: {other:?}"),
        }
    }
}

fn go(answer: Answer) -> Option<()> {
    match answer {
        Answer::Go => Some(()),
        Answer::Stop { .. } => None,
        other => panic!("{other:?}"),
    }
}

#[async_trait]
impl Runner for Script {
    async fn sandbox(&self) -> SandboxReport {
        SandboxReport::none()
    }

    async fn run(&self, _: Job, attempt: &dyn Attempt) -> Result<Exit, Outage> {
        tokio::select! {
            exit = self.play(attempt) => Ok(exit.unwrap_or(Exit::Stopped("stopped"))),
            why = attempt.stopped() => Ok(Exit::Stopped(why)),
        }
    }
}
