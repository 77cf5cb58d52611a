//! The whole way: a worker here, the real runner in a second process, and the letters between them over HTTP.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_core::audit::Actor;
use gatelet_core::automation::channel::{Invoke, Invoked};
use gatelet_core::automation::{FileRef, RunMessage, State};
use gatelet_core::objects::{ObjectName, Place};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_tests::project;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use url::Url;

use crate::stage::{Soon, Stage, acme};

const DOING: &str = "invoke the runner";

/// The runner's own server in a second process, as somebody would operate it.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    async fn start() -> Self {
        let mut child = Command::new("python3")
            .args(["-B", "-m", "gatelet_runner"])
            .current_dir(project().join("automations/python"))
            .env_remove("PYTHONPATH")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().to_owned();
        Self { child, address }
    }
}

/// Posts an invocation to the server.
struct Post(String);

#[async_trait]
impl Invoke for Post {
    async fn invoke(&self, payload: SecretBytes, _: Duration) -> Result<Invoked, Outage> {
        let connected = TcpStream::connect(&self.0).await;
        let mut stream = connected.map_err(|error| Outage::harmless(DOING, error))?;
        let length = payload.expose().len();
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n",
            self.0
        );
        let lost = |error| Outage::uncertain(DOING, error);
        stream.write_all(head.as_bytes()).await.map_err(lost)?;
        stream.write_all(payload.expose()).await.map_err(lost)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.map_err(lost)?;
        let text = String::from_utf8(answer).unwrap();
        let Some((_, body)) = text.split_once("\r\n\r\n") else {
            return Err(Outage::uncertain(DOING, "no answer"));
        };
        Ok(Invoked::Answered(body.as_bytes().to_vec()))
    }
}

/// A deployment that listens, and its runner.
async fn deployed() -> (Arc<Stage>, Server) {
    let server = Server::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let post = Post(server.address.clone());
    let stage = Arc::new(Stage::new(base_url, post, Arc::new(Soon)).await);
    let service = stage.service.clone();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (stage, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_review_is_carried_out_whole() {
    let (stage, _server) = deployed().await;
    let accounts = std::fs::read(project().join("automations/access-review/accounts.csv")).unwrap();
    let object = "uploads/acme/u-1".to_owned();
    let name = ObjectName::new(Place::Files, object.as_str()).unwrap();
    let bytes = accounts.len() as u64;
    let _ = stage.parts.objects.create(&name, Bytes::from(accounts)).await.unwrap();
    let message = stage
        .ask_for("access-review", |request| {
            let (name, media_type) = ("accounts.csv".to_owned(), "text/csv".to_owned());
            let file = FileRef { object, name, media_type, bytes };
            request.inputs = json!({ "accounts": "u-1" });
            request.files = BTreeMap::from([("accounts".to_owned(), file)]);
        })
        .await;
    let run = stage.work(&message).await;
    assert_eq!(
        (run.state, run.code.as_deref(), run.message.as_deref()),
        (State::Succeeded, None, None)
    );
    let result = stage.runs().result(&run, &*stage.parts.objects, stage.parts.clock.now()).await;
    assert!(!result.unwrap().unwrap().as_array().unwrap().is_empty(), "it finds accounts");
    let sandbox = run.sandbox.unwrap();
    assert_eq!(sandbox.network, "unrestricted");
    assert!(
        sandbox.probes.iter().any(|probe| probe.name == "gateway_memory"),
        "it was probed there"
    );
    assert_eq!(stage.mail(), Vec::<String>::new(), "nothing is left of the letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_a_person_cancels_ends_in_the_other_process() {
    let (stage, _server) = deployed().await;
    let message = asked_to_wait(&stage).await;
    let working = tokio::spawn({
        let (stage, message) = (stage.clone(), message.clone());
        async move { stage.work(&message).await }
    });
    let pid = printed(&stage, &message).await;
    let by = Actor::Session("s".into());
    let now = stage.parts.clock.now();
    stage.runs().cancel(&acme(), &message.run, by, now).await.unwrap();
    assert_eq!(working.await.unwrap().state, State::Cancelled);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "its process is left");
    assert_eq!(stage.mail(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_is_killed_leaves_its_run_to_the_lease() {
    let (stage, mut server) = deployed().await;
    let message = asked_to_wait(&stage).await;
    let working = tokio::spawn({
        let (stage, message) = (stage.clone(), message.clone());
        async move { stage.work(&message).await }
    });
    let pid = printed(&stage, &message).await;
    server.child.kill().await.unwrap();
    // Its answer is lost, so its last letter is waited for as long as the attempt could take.
    stage.pass(Duration::from_mins(3));
    assert_eq!(working.await.unwrap().state, State::Running, "nobody knows what became of it");
    let _ = std::process::Command::new("kill").args(["-9", &pid]).status();
}

/// Asks for a run of a script that says its process and waits.
async fn asked_to_wait(stage: &Stage) -> RunMessage {
    stage.ask_for("wait", |_| ()).await
}

/// The number of the script's process, once it was told.
async fn printed(stage: &Stage, message: &RunMessage) -> String {
    loop {
        let place = (&message.tenant, &message.run);
        let page = stage.runs().events(place, 0, 100, stage.parts.clock.now()).await.unwrap();
        let events = serde_json::to_value(page.unwrap().events).unwrap();
        let lines = events.as_array().unwrap().iter().find(|event| event["kind"] == "log");
        if let Some(line) = lines.and_then(|event| event["lines"][0].as_str()) {
            return line.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
