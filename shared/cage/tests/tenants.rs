//! Two tenants on one warm worker: nothing of one comes to the other, neither at the same time nor afterwards.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "hostile/memory.rs"]
mod memory;
#[path = "hostile/stage.rs"]
#[expect(dead_code, reason = "this test needs a part of the stage alone")]
mod stage;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_cage::ChildRunner;
use gatelet_contracts::runs::{MemoryObjects, run_request};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::audit::Actor;
use gatelet_core::automation::catalog::Catalog;
use gatelet_core::automation::{Happening, RunId, RunMessage, Runs, State};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{Document, LiveRegistry, RegistrySource};
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::SecretCustody;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_edge::work::Verdict;
use gatelet_played::{MemoryQueue, MemoryRecords, NOW};
use serde_json::{Value, json};
use url::Url;

use self::memory::{count, in_files, in_memory, plain, turned};

/// As in every executable of the gateway.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The secrets of both tenants, every bit turned.
const ACMES: [u8; 30] = turned(*b"acme-1b7e4d09/QmRz+5tUvKx8nWfL");
const GLOBEXS: [u8; 30] = turned(*b"globex-93fc2a6/HjPd+7yEoTs4bGc");

const REGISTRY: &str = r#"
[roles.admin]
scopes = ["runs:write"]
[providers.one]
kind = "oidc"
issuer = "https://one.example"
client_id = "gatelet"
client_secret = "provider-one"
tenant_claim = "org"
[tenants.acme]
sign_in = [{ provider = "one", matches = ["acme"] }]
roles = [{ role = "admin" }]
[tenants.acme.connections.server]
kind = "token"
secret = "connection-acme"
url = "https://acme.example"
[tenants.globex]
sign_in = [{ provider = "one", matches = ["globex"] }]
roles = [{ role = "admin" }]
[tenants.globex.connections.server]
kind = "token"
secret = "connection-globex"
url = "https://globex.example"
"#;

/// Leaves its secret in a file and in its log, looks for that of the other tenant wherever it can read, and stays if it is
/// told so. It knows the other's secret in two halves, which stand apart wherever they are.
const SCRIPT: &str = "
import time
own = start['credentials']['server']['token']
open('left', 'w').write(own)
other = [half.encode() for half in start['inputs']['other']]
mine = [own[:9].encode(), own[9:].encode()]
def has(data, halves):
    at = data.find(halves[0])
    while at >= 0:
        if data.startswith(halves[1], at + len(halves[0])):
            return True
        at = data.find(halves[0], at + 1)
    return False
seen, others, mines = 0, [], []
def look(path):
    global seen
    try:
        with open(path, 'rb') as file:
            data = file.read(1 << 20)
    except OSError:
        return
    seen += 1
    if has(data, other):
        others.append(path)
    if has(data, mine):
        mines.append(path)
for top in [os.getcwd(), os.path.dirname(os.getcwd()), start['inputs']['runs'], '/tmp', '/proc']:
    for folder, folders, files in os.walk(top):
        for name in files:
            look(os.path.join(folder, name))
log({'seen': seen, 'others': others, 'mines': len(mines)})
say(m='log', text='left ' + own)
while start['inputs']['stays']:
    time.sleep(0.02)
say(m='result', value={})
";

/// A vault that holds no secret as it is.
struct Vault;

#[async_trait]
impl Secrets for Vault {
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage> {
        let kept = match name.as_str() {
            "connection-acme" => ACMES,
            "connection-globex" => GLOBEXS,
            other => panic!("nobody asks for {other}"),
        };
        let value = SecretBytes::new(plain(&kept));
        Ok(Some(Secret { version: SecretVersion::new("1"), value }))
    }

    async fn version(&self, _: &SecretName, _: &SecretVersion) -> Result<Option<Secret>, Outage> {
        unwanted()
    }

    async fn put(&self, _: &SecretName, _: &SecretBytes) -> Result<SecretVersion, Outage> {
        unwanted()
    }

    async fn disable(&self, _: &SecretName, _: &SecretVersion) -> Result<Disabled, Outage> {
        unwanted()
    }

    async fn facts(&self, _: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        unwanted()
    }
}

fn unwanted<T>() -> Result<T, Outage> {
    Err(Outage::harmless("do this", "the test has no need of it"))
}

struct Operator;

#[async_trait]
impl RegistrySource for Operator {
    async fn read(&self, _: Option<&str>) -> Result<Option<Document>, Outage> {
        Ok(Some(Document { text: REGISTRY.into(), tag: "1".into() }))
    }
}

#[async_trait]
impl Web for Operator {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        unwanted()
    }
}

/// One worker process.
struct Worker {
    parts: Parts,
    records: Arc<MemoryRecords>,
    random: Arc<SeededRandom>,
    runs_folder: String,
}

impl Worker {
    fn new(runner: ChildRunner, runs_folder: String) -> Self {
        let base_url = Url::parse("https://gate.example").unwrap();
        let records = Arc::<MemoryRecords>::default();
        let random = Arc::new(SeededRandom::unseeded());
        let custody =
            Arc::new(SecretCustody::new(Arc::new(Vault), Arc::<SeededRandom>::clone(&random)));
        let automation = stage::automation(SCRIPT, true);
        let parts = Parts {
            records: Arc::<MemoryRecords>::clone(&records),
            secrets: Arc::new(Vault),
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::<MemoryQueue>::default(),
            objects: Arc::<MemoryObjects>::default(),
            web: Arc::new(Operator),
            registry: LiveRegistry::new(Arc::new(Operator), base_url.clone()),
            automations: Automations {
                catalog: Arc::new(Catalog::from_iter([automation])),
                runner: Arc::new(runner),
            },
            clock: Arc::new(ManualClock::at(NOW)),
            random: Arc::<SeededRandom>::clone(&random),
            base_url,
            memory: Memory::default(),
        };
        Self { parts, records, random, runs_folder }
    }

    fn runs(&self) -> Runs<'_> {
        Runs::new(&*self.records, &*self.random)
    }

    /// Asks for a run of this tenant that looks for what the other one's is.
    async fn ask(&self, tenant: &str, key: &str, other: [u8; 30], stays: bool) -> RunMessage {
        let tenant = TenantId::new(tenant).unwrap();
        let run = RunId::derive(&tenant, "ada", "route", key);
        let mut request = run_request(&tenant, run.clone(), NOW);
        let halves = other.chunks(15).map(|half| String::from_utf8(plain(half)).unwrap());
        request.automation = "hostile".into();
        request.digest = "0".into();
        request.connections = [("server".to_owned(), "server".to_owned())].into();
        request.inputs = json!({ "other": halves.collect::<Vec<_>>(), "stays": stays, "runs": self.runs_folder });
        self.runs().request(&request, NOW).await.unwrap();
        RunMessage { tenant, run, traceparent: None }
    }

    async fn work(&self, message: &RunMessage) {
        let message = message.clone();
        assert_eq!(work_automation::on_message(&self.parts, message).await, Verdict::Done);
    }

    /// Everything that was told of a run, and what it logged.
    async fn told(&self, RunMessage { tenant, run, .. }: &RunMessage) -> (String, Vec<Value>) {
        let events = self.runs().events((tenant, run), 0, 1000, NOW).await.unwrap().unwrap().events;
        let lines = events.iter().filter_map(|event| match &event.what {
            Happening::Log { lines, .. } => Some(lines.clone()),
            _ => None,
        });
        let logged = lines.flatten().filter_map(|line| serde_json::from_str(&line).ok()).collect();
        (serde_json::to_string(&events).unwrap(), logged)
    }

    /// Waits until the script of a run has left its secret.
    async fn has_left(&self, message: &RunMessage) {
        for _ in 0..1000 {
            if self.told(message).await.0.contains("left [credential") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it leaves nothing: {:?}", self.told(message).await);
    }

    async fn state(&self, RunMessage { tenant, run, .. }: &RunMessage) -> State {
        self.runs().find(tenant, run, NOW).await.unwrap().unwrap().state
    }
}

// Proves L 45, 64.
#[test]
fn two_tenants_on_one_worker_find_nothing_of_each_other() {
    let stage::Stage { runner, folder } = stage::Stage::new();
    let runs_folder = folder.path().join("runs").to_str().unwrap().to_owned();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let told = runtime.block_on(async {
        let worker = Worker::new(runner, runs_folder);
        // One after the other, and then one while the other is still there.
        let first = worker.ask("acme", "first", GLOBEXS, false).await;
        worker.work(&first).await;
        let staying = worker.ask("acme", "staying", GLOBEXS, true).await;
        let looking = worker.ask("globex", "looking", ACMES, false).await;
        futures::join!(worker.work(&staying), async {
            worker.has_left(&staying).await;
            worker.work(&looking).await;
            let actor = Actor::Session("s".into());
            worker.runs().cancel(&staying.tenant, &staying.run, actor, NOW).await.unwrap();
        });
        assert_eq!(worker.state(&first).await, State::Succeeded);
        assert_eq!(worker.state(&looking).await, State::Succeeded);
        assert_eq!(worker.state(&staying).await, State::Cancelled);
        [worker.told(&first).await, worker.told(&staying).await, worker.told(&looking).await]
    });
    drop(runtime);
    for (events, logged) in &told {
        let looked = logged.first().unwrap_or_else(|| panic!("{events}"));
        assert_eq!(looked["others"], json!([]), "{looked}");
        assert!(looked["mines"].as_u64() > Some(0), "it finds what it can read: {looked}");
        for canary in [&ACMES, &GLOBEXS] {
            assert_eq!(count(events.as_bytes(), canary), 0, "in what was kept");
        }
    }
    for canary in [&ACMES, &GLOBEXS] {
        assert_eq!(in_memory(canary), 0, "in memory");
        assert_eq!(in_files(folder.path(), canary), 0, "on disk");
    }
    let held = plain(&ACMES);
    assert!(in_memory(&ACMES) > 0, "the search finds what is there");
    drop(held);
}
