//! Processes over one store: each has memory and a fate of its own, and they share everything else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatelet_contracts::runs::{MemoryObjects, run_request};
use gatelet_contracts::{MemorySecrets, SeededRandom};
use gatelet_core::audit::{Actor, ChainHead};
use gatelet_core::automation::catalog::{Automation, Catalog, OnBusy};
use gatelet_core::automation::{
    Effect, Level, OutcomeRecord, Requested, Run, RunId, RunMessage, Runs, State, StepOutcome,
    send, sweep,
};
use gatelet_core::clock::{Clock, Timestamp};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::records::Records;
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::SecretCustody;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_local::{Database, SqliteQueue};
use gatelet_played::{MemoryRecords, NOW};
use tokio::time::{Instant, sleep};
use url::Url;

use crate::fate::{Fate, Fated};
use crate::inbox::Inbox;
use crate::target::{Script, Seen, Target};

/// What all processes share.
pub struct House {
    records: Arc<dyn Records>,
    objects: Arc<MemoryObjects>,
    /// The queue.
    pub inbox: Arc<Inbox>,
    /// What the scripts act on.
    pub target: Arc<Target>,
    effect: Effect,
    clock: Played,
    random: Arc<SeededRandom>,
    /// How long a script waits before each step.
    pause: Duration,
}

/// Time that passes at once, from a moment on.
#[derive(Clone, Copy)]
struct Played(Timestamp, Instant);

impl Clock for Played {
    fn now(&self) -> Timestamp {
        self.0 + self.1.elapsed()
    }
}

struct Nowhere;

#[async_trait]
impl Web for Nowhere {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        Err(Outage::harmless("call anybody", "nobody is there"))
    }
}

#[async_trait]
impl RegistrySource for Nowhere {
    async fn read(&self, _: Option<&str>) -> Result<Option<Document>, Outage> {
        Err(Outage::harmless("read the registry", "there is none"))
    }
}

/// Whose runs they are.
#[must_use]
pub fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// The run of this number.
#[must_use]
pub fn run_id(number: usize) -> RunId {
    RunId::derive(&acme(), "ada", "route", &number.to_string())
}

impl House {
    /// One in memory.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self {
            records: Arc::new(MemoryRecords::default()),
            objects: Arc::default(),
            inbox: Arc::new(Inbox::InMemory(Mutex::default())),
            target: Arc::default(),
            effect,
            clock: Played(NOW, Instant::now()),
            random: Arc::new(SeededRandom::new(3)),
            pause: Duration::from_secs(3),
        }
    }

    /// The same over these records, with scripts that do not wait.
    #[must_use]
    pub fn over(records: Arc<dyn Records>, effect: Effect) -> Self {
        Self { records, ..Self::new(effect) }.without_pauses()
    }

    /// One over these records, with its queue in a folder, as a process sees it that begins so much later
    /// than the first.
    #[must_use]
    pub fn at(folder: &Path, records: Arc<dyn Records>, effect: Effect, later: Duration) -> Self {
        let database = Database::open(&folder.join("queue")).unwrap();
        Self {
            records,
            inbox: Arc::new(Inbox::Embedded(SqliteQueue::new(database))),
            target: Arc::new(Target::at(folder)),
            clock: Played(NOW + later, Instant::now()),
            // No two processes draw the same.
            random: Arc::new(SeededRandom::unseeded()),
            ..Self::new(effect)
        }
    }

    /// The same house as processes see it whose clocks are ahead by so much.
    #[must_use]
    pub fn ahead(&self, by: Duration) -> Self {
        let Self { records, objects, inbox, target, effect, clock, random, pause } = self;
        Self {
            records: Arc::clone(records),
            objects: Arc::clone(objects),
            inbox: Arc::clone(inbox),
            target: Arc::clone(target),
            effect: *effect,
            clock: Played(clock.0 + by, clock.1),
            random: Arc::clone(random),
            pause: *pause,
        }
    }

    /// The same with scripts that do not wait.
    #[must_use]
    pub(crate) const fn without_pauses(mut self) -> Self {
        self.pause = Duration::ZERO;
        self
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn runs(&self) -> Runs<'_> {
        Runs::new(&*self.records, &*self.random)
    }

    /// The run of this number as it stands.
    pub async fn run(&self, number: usize) -> Run {
        self.runs().find(&acme(), &run_id(number), self.now()).await.unwrap().unwrap()
    }

    /// What has happened for the first run.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.target.seen(&run_id(0))
    }

    /// Other processes come, the client asks again, people say what they see, and minutes pass until the first run
    /// is over.
    pub async fn survive(&self) -> Seen {
        let next = Process::of(self, Fate::none());
        next.ask(0).await;
        for _ in 0..60 {
            sleep(Duration::from_mins(1)).await;
            next.live(false).await;
            let run = self.run(0).await;
            if run.state == State::Uncertain {
                self.say(&run).await;
            }
            if run.state.is_final() {
                return self.seen();
            }
        }
        panic!("it does not end: {:?}", self.run(0).await);
    }

    /// A person looks at the target and says what is so.
    pub(crate) async fn say(&self, run: &Run) {
        let seen = self.target.seen(&run.id);
        let outcome = if seen.has_mail() { StepOutcome::Happened } else { StepOutcome::DidNot };
        for open in &run.unproven {
            let step = open.key.clone();
            let record = OutcomeRecord { step, outcome, reason: "seen".into(), version: None };
            let actor = Actor::Session("bob".into());
            let of = (&acme(), &run.id);
            self.runs().record_outcome(of, actor, &record, self.now()).await.unwrap();
        }
    }

    /// The chain leads to its head, and exactly one entry tells of an end: the last.
    pub async fn check(&self, number: usize) -> Run {
        let run = self.run(number).await;
        assert!(run.state.is_final(), "{run:?}");
        let chain = self.runs().audit(&run, self.now()).await.unwrap();
        let walked = ChainHead::walk(chain.iter().map(Vec::as_slice));
        assert_eq!(walked.as_ref(), Some(&run.audit));
        let state = format!("\"state\":\"{}\"", run.state.name());
        let is_end = |entry: &Vec<u8>| String::from_utf8_lossy(entry).contains(&state);
        assert_eq!(chain.iter().filter(|entry| is_end(entry)).count(), 1, "it ends once");
        assert!(chain.last().is_some_and(is_end), "and nothing follows");
        run
    }
}

/// One process.
pub struct Process {
    parts: Arc<Parts>,
    inbox: Arc<Inbox>,
    fate: Arc<Fate>,
}

impl Process {
    /// One that begins now, with nothing in its memory.
    #[must_use]
    pub fn of(house: &House, fate: Arc<Fate>) -> Self {
        let base_url = Url::parse("https://gate.example").unwrap();
        let (records, inbox) = (Arc::clone(&house.records), Arc::clone(&house.inbox));
        let fated = Arc::new(Fated { records, inbox, fate: Arc::clone(&fate) });
        let secrets = Arc::new(MemorySecrets::default());
        let random = Arc::<SeededRandom>::clone(&house.random);
        let custody = Arc::new(SecretCustody::new(
            Arc::<MemorySecrets>::clone(&secrets),
            Arc::<SeededRandom>::clone(&random),
        ));
        let target = Arc::clone(&house.target);
        let script =
            Script { target, fate: Arc::clone(&fate), effect: house.effect, pause: house.pause };
        let parts = Parts {
            records: Arc::<Fated>::clone(&fated),
            secrets,
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: fated,
            objects: Arc::<MemoryObjects>::clone(&house.objects),
            web: Arc::new(Nowhere),
            registry: LiveRegistry::new(Arc::new(Nowhere), base_url.clone()),
            automations: Automations {
                catalog: Arc::new(Catalog::from_iter([automation(house.effect)])),
                runner: Arc::new(script),
            },
            clock: Arc::new(house.clock),
            random,
            base_url,
            memory: Memory::default(),
        };
        Self { parts: Arc::new(parts), inbox: Arc::clone(&house.inbox), fate }
    }

    /// Asks for the run of this number and sends it, as the API does.
    pub async fn ask(&self, number: usize) {
        let Parts { records, random, queue, clock, .. } = &*self.parts;
        let runs = Runs::new(&**records, &**random);
        let asked = runs.request(&run_request(&acme(), run_id(number), NOW), clock.now()).await;
        // Whoever gets no answer asks again.
        if let Ok(Requested::New(run)) = asked {
            let _ = send(&**queue, &runs, &run, clock.now()).await;
        }
    }

    /// Works on a message.
    pub async fn deliver(&self, message: RunMessage) {
        let _ = work_automation::on_message(&self.parts, message).await;
    }

    /// What a process does in its minute: it may be asked, sweeps, and works on what is in the queue.
    pub async fn live(&self, is_asked: bool) {
        if is_asked {
            self.ask(0).await;
        }
        let _ = sweep(&self.parts, self.parts.clock.now()).await;
        self.work().await;
    }

    /// Works on what is in the queue until nothing is.
    pub async fn work(&self) {
        while let Some(delivery) = self.inbox.take(self.parts.clock.now()).await {
            self.deliver(delivery.message.clone()).await;
            self.fate.meet("delete", self.inbox.delete(&delivery)).await;
        }
    }
}

fn automation(effect: Effect) -> Automation {
    Automation {
        name: "a".into(),
        title: "A".into(),
        summary: "A.".into(),
        version: "1".into(),
        digest: "d".into(),
        effect,
        scope: "runs:write".into(),
        roles: Vec::new(),
        timeout: Duration::from_mins(2),
        attempts: 3,
        sandbox: Level::S0,
        concurrency: 0,
        on_busy: OnBusy::Queue,
        schedule: None,
        connections: BTreeMap::new(),
        inputs: serde_json::json!({ "type": "object" }),
        result: serde_json::json!({ "kind": "facts" }),
        files: BTreeMap::new(),
    }
}
