//! A worker whose runner is a function of its own, played or real, and the gateway that both reach.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures::future::BoxFuture;
use gatelet_contracts::runs::run_request;
use gatelet_core::automation::attempt::Pace;
use gatelet_core::automation::catalog::{Automation, Catalog};
use gatelet_core::automation::channel::{Desk, Invoke, Invoked, RemoteRunner};
use gatelet_core::automation::{Run, RunId, RunMessage, RunRequest, Runner, Runs};
use gatelet_core::outage::Outage;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::LiveRegistry;
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets as _};
use gatelet_core::tenant::TenantId;
use gatelet_edge::{Gate, Origin, front};
use gatelet_played::Gateway;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::Url;

/// What the vault holds of the tenant's.
pub(crate) const SECRET: &str = "canary-6f1f0c2b77d94e19";

const CONNECTION: &str = r#"[tenants.acme.connections.reports]
kind = "token"
secret = "connection-acme-reports"
url = "https://reports.example"

[tenants.globex]
"#;

const MAIL: &str = r#"
title = "Mail"
summary = "Sends a report."
version = "1.0.0"
effect = "steps"
timeout_s = 600
[connections.service]
kind = "token"
title = "Service"
[inputs]
type = "object"
additionalProperties = false
[result]
kind = "text"
"#;

const WAIT: &str = r#"
title = "Wait"
summary = "Says its process and waits."
version = "1.0.0"
effect = "reads"
timeout_s = 60
[inputs]
type = "object"
additionalProperties = false
[result]
kind = "text"
"#;

const WAITS: &str = "
import os, time
from gatelet import main

def run(run):
    print(os.getpid(), flush=True)
    time.sleep(3600)

main(run)
";

/// A delivered automation, one that is only played, and one that waits to be ended.
fn catalog() -> Catalog {
    let made = |name: &str, manifest: &'static str, script: &'static str| {
        let files = [("automation.toml", manifest), ("main.py", script)];
        (name.to_owned(), files.map(|(path, text)| (path.to_owned(), Bytes::from(text))).into())
    };
    let delivered = gatelet_delivered::catalog();
    let review = delivered.get("access-review").unwrap().files.clone();
    let all: [(String, BTreeMap<String, Bytes>); 3] =
        [made("mail", MAIL, "run()"), made("wait", WAIT, WAITS), ("access-review".into(), review)];
    let read = |(name, files): (String, _)| {
        Automation::read(&name, files).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    };
    all.into_iter().map(read).collect()
}

/// What a played runner does with an invocation.
pub(crate) type Play =
    Box<dyn Fn(Played) -> BoxFuture<'static, Result<Invoked, Outage>> + Send + Sync>;

/// One deployment.
pub(crate) struct Stage {
    pub(crate) gateway: Gateway,
    pub(crate) parts: Arc<Parts>,
    pub(crate) service: Router,
}

impl Stage {
    /// Where scripts run that are carried out by this runner, and where the deployment is found.
    pub(crate) async fn new(
        base_url: Url,
        invoke: impl Invoke + 'static,
        pace: Arc<dyn Pace>,
    ) -> Self {
        let gateway = Gateway::new(all::routes).await;
        let Parts { records, clock, random, .. } = &*gateway.parts;
        let desk =
            Desk { records: records.clone(), clock: clock.clone(), random: random.clone(), pace };
        let runner: Arc<dyn Runner> = Arc::new(RemoteRunner::new(invoke, desk, base_url.clone()));
        let registry = gateway.store.registry.clone();
        registry.change("[tenants.globex]\n", CONNECTION);
        let secret = SecretBytes::new(SECRET.as_bytes().to_vec());
        let name = SecretName::new("connection-acme-reports").unwrap();
        gateway.store.secrets.put(&name, &secret).await.unwrap();
        let of = &gateway.parts;
        let parts = Arc::new(Parts {
            records: of.records.clone(),
            secrets: of.secrets.clone(),
            signer: of.signer.clone(),
            key_maker: of.key_maker.clone(),
            queue: of.queue.clone(),
            objects: of.objects.clone(),
            web: of.web.clone(),
            registry: LiveRegistry::new(registry, base_url.clone()),
            clock: of.clock.clone(),
            random: of.random.clone(),
            base_url,
            automations: Automations { catalog: Arc::new(catalog()), runner },
            memory: Memory::default(),
        });
        let service = front(all::routes(), Gate::new(parts.clone()), Origin::Host);
        Self { gateway, parts, service }
    }

    /// A worker whose runner is played.
    pub(crate) async fn played(play: Play) -> Self {
        Self::at_pace(play, Arc::new(Soon)).await
    }

    /// The same with another pace.
    pub(crate) async fn at_pace(play: Play, pace: Arc<dyn Pace>) -> Self {
        let invoke = Arc::new(Theatre { service: OnceLock::new(), play });
        let base_url = Url::parse("https://gate.example").unwrap();
        let stage = Self::new(base_url, Shared(invoke.clone()), pace).await;
        invoke.service.set(stage.service.clone()).unwrap();
        stage
    }

    /// Asks for a run of an automation that declares steps and gets a secret.
    pub(crate) async fn ask(&self) -> RunMessage {
        let chosen = [("service".to_owned(), "reports".to_owned())];
        self.ask_for("mail", |request| request.connections = BTreeMap::from(chosen)).await
    }

    /// The same, with one attempt.
    pub(crate) async fn ask_once(&self) -> RunMessage {
        let chosen = [("service".to_owned(), "reports".to_owned())];
        let change = |request: &mut RunRequest| {
            request.connections = BTreeMap::from(chosen);
            request.max_attempts = 1;
        };
        self.ask_for("mail", change).await
    }

    /// Asks for a run of this automation, with a request that may be changed.
    pub(crate) async fn ask_for(
        &self,
        automation: &str,
        change: impl FnOnce(&mut RunRequest),
    ) -> RunMessage {
        let (tenant, now) = (acme(), self.parts.clock.now());
        let id = RunId::derive(&tenant, "ada", "route", "key");
        let mut request = run_request(&tenant, id.clone(), now);
        let found = self.parts.automations.catalog.get(automation).unwrap();
        request.automation.clone_from(&found.name);
        request.digest.clone_from(&found.digest);
        change(&mut request);
        self.runs().request(&request, now).await.unwrap();
        RunMessage { tenant, run: id, traceparent: None }
    }

    /// Lets the worker work on a message to its end.
    pub(crate) async fn work(&self, message: &RunMessage) -> Run {
        let _ = work_automation::on_message(&self.parts, message.clone()).await;
        self.run(message).await
    }

    pub(crate) async fn run(&self, message: &RunMessage) -> Run {
        let found = self.runs().find(&message.tenant, &message.run, self.parts.clock.now()).await;
        found.unwrap().unwrap()
    }

    pub(crate) fn runs(&self) -> Runs<'_> {
        Runs::new(&*self.parts.records, &*self.parts.random)
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.gateway.clock.advance(time);
    }

    /// What lies in the mailboxes.
    pub(crate) fn mail(&self) -> Vec<String> {
        let dump = self.gateway.store.records.dump();
        let keys = dump.lines().filter_map(|line| line.split(' ').nth(2));
        let is_mail = |key: &&str| ["channel:", "in:", "out:"].iter().any(|it| key.starts_with(it));
        keys.filter(is_mail).map(str::to_owned).collect()
    }
}

pub(crate) fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// A pause that passes at once where time is played.
pub(crate) struct Soon;

#[async_trait]
impl Pace for Soon {
    async fn pause(&self) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Invokes a played runner.
struct Theatre {
    service: OnceLock<Router>,
    play: Play,
}

struct Shared(Arc<Theatre>);

#[async_trait]
impl Invoke for Shared {
    async fn invoke(&self, payload: SecretBytes, _: Duration) -> Result<Invoked, Outage> {
        let payload: Value = serde_json::from_slice(payload.expose()).unwrap();
        if payload["probe"] == true {
            let sandbox = json!({ "level": 2, "network": "unrestricted", "probes": [] });
            return Ok(Invoked::Answered(json!({ "sandbox": sandbox }).to_string().into_bytes()));
        }
        let url = Url::parse(payload["url"].as_str().unwrap()).unwrap();
        let played = Played {
            service: self.0.service.get().unwrap().clone(),
            path: url.path().to_owned(),
            key: payload["key"].as_str().unwrap().to_owned(),
            nonce: "nonce-of-the-first-one".into(),
            payload,
        };
        (self.0.play)(played).await
    }
}

/// A played runner within one invocation.
#[derive(Clone)]
pub(crate) struct Played {
    pub(crate) service: Router,
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) nonce: String,
    pub(crate) payload: Value,
}

impl Played {
    /// Posts a body, and returns the status and the answer.
    pub(crate) async fn post(&self, body: &Value) -> (u16, Value) {
        self.post_raw("application/json", body.to_string().into_bytes()).await
    }

    pub(crate) async fn post_raw(&self, media_type: &str, body: Vec<u8>) -> (u16, Value) {
        let request = Request::post(&self.path)
            .header("host", "gate.example")
            .header("authorization", format!("Attempt {}", self.key))
            .header("content-type", media_type)
            .body(Body::from(body))
            .unwrap();
        let answer = self.service.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Posts a letter until it is answered, and returns the answer.
    pub(crate) async fn say(&self, n: u32, what: Value) -> Value {
        let body = self.letter(n, what);
        loop {
            let (status, answer) = self.post(&body).await;
            assert_eq!(status, 200, "{answer}");
            if answer["a"] != "wait" {
                return answer;
            }
        }
    }

    /// A letter, as the runner numbers it.
    pub(crate) fn letter(&self, n: u32, what: Value) -> Value {
        let mut letter: BTreeMap<String, Value> = serde_json::from_value(what).unwrap();
        letter.insert("n".into(), n.into());
        if n == 1 {
            letter.insert("nonce".into(), self.nonce.clone().into());
        }
        json!(letter)
    }

    pub(crate) async fn hello(&self) -> Value {
        self.say(1, hello()).await
    }
}

pub(crate) fn hello() -> Value {
    json!({ "message": { "m": "hello" } })
}

pub(crate) fn log(text: &str) -> Value {
    json!({ "message": { "m": "log", "text": text } })
}

pub(crate) fn result(text: &str) -> Value {
    json!({ "message": { "m": "result", "value": text } })
}

pub(crate) fn intent(key: &str) -> Value {
    let params = "0".repeat(64);
    json!({ "message": { "m": "intent", "key": key, "class": "A", "title": "T", "params": params } })
}

pub(crate) fn ended() -> Value {
    json!({ "exit": { "status": 0 } })
}

/// What an invocation answers in the end.
#[expect(clippy::unnecessary_wraps, reason = "it is what a play returns")]
pub(crate) fn answered(answer: &Value) -> Result<Invoked, Outage> {
    Ok(Invoked::Answered(answer.to_string().into_bytes()))
}

pub(crate) fn go() -> Value {
    json!({ "a": "go" })
}

pub(crate) fn stop(reason: &str) -> Value {
    json!({ "a": "stop", "reason": reason })
}
