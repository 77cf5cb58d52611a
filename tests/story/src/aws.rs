//! The stage on AWS: `template.yaml` deployed to MiniStack, which starts the real executables as Lambda does,
//! and enforces what each function's role allows.

use std::process::{Command, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use gatelet_aws::{Account, DynamoRecords, Settings};
use gatelet_core::random::draw;
use gatelet_core::records::Records;
use gatelet_core::secrets::SecretBytes;
use gatelet_host::SystemRandom;
use reqwest::{Client, Method, redirect};
use serde_json::Value;
use url::Url;

use crate::{Answer, Scene, Stage, project, setting};

/// A stack of its own on the emulator.
pub struct AwsStage {
    base_url: Url,
    records: DynamoRecords,
    client: Client,
    api: String,
    host: String,
    prefix: String,
    registry_bucket: String,
    files_bucket: String,
    upkeep: String,
}

impl AwsStage {
    /// Deploys the template, and puts what its operator provides where the functions find it.
    pub async fn set_up(scene: impl AsyncFnOnce(&Url) -> Scene) -> Self {
        Self::provide(Self::deploy(None), scene).await
    }

    /// The same behind an address of this machine, where a runner reaches it too.
    pub async fn behind(front: &Url, scene: impl AsyncFnOnce(&Url) -> Scene) -> Self {
        Self::provide(Self::deploy(Some(front)), scene).await
    }

    async fn provide(stage: Self, scene: impl AsyncFnOnce(&Url) -> Scene) -> Self {
        let Scene { registry, secrets } = scene(&stage.base_url).await;
        let folder = tempfile::tempdir().expect("a scratch folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path.to_str().expect("a path").to_owned()
        };
        let mut words = vec!["--bucket".into(), stage.registry_bucket.clone()];
        words.extend(["--files".into(), stage.files_bucket.clone()]);
        words.extend(["--registry".into(), file("registry.toml", &registry)]);
        for (name, value) in secrets {
            let path = file(&name, &value);
            words.extend(["--secret".into(), format!("{}/{name}", stage.prefix), path]);
        }
        python("provide.py", &words.iter().map(String::as_str).collect::<Vec<_>>());
        stage
    }

    fn deploy(front: Option<&Url>) -> Self {
        let [a, b, c] = draw::<3>(&SystemRandom);
        let prefix = format!("story{a:02x}{b:02x}{c:02x}");
        let binaries = setting("TEST_BINARIES");
        let mut words = vec!["--binaries", &binaries, "--prefix", &prefix];
        let origin = front.map(|front| front.origin().ascii_serialization());
        if let Some(origin) = &origin {
            words.extend(["--origin", origin]);
        }
        let told = python("aws.py", &words);
        let told: Value = serde_json::from_str(&told).expect("the deployment says what came of it");
        let text = |name: &str| told[name].as_str().expect("a text").to_owned();
        let upkeep = told["functions"]["upkeep"].as_str().expect("a function").to_owned();
        Self {
            base_url: Url::parse(&text("base_url")).expect("an address"),
            records: DynamoRecords::new(
                Arc::new(account(&setting("TEST_MINISTACK_URL"))),
                format!("{prefix}-"),
            ),
            client: Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .build()
                .expect("a client"),
            api: format!("{}/_aws/execute-api/{}/$default", text("connect_to"), text("api_id")),
            host: text("host"),
            registry_bucket: text("registry_bucket"),
            files_bucket: text("files_bucket"),
            prefix,
            upkeep,
        }
    }
}

impl AwsStage {
    /// Tries every action with every function's role: each may do what its table in the guide says, and
    /// nothing else.
    pub fn try_every_right(&self) {
        python("permissions.py", &["--prefix", &self.prefix]);
    }
}

#[async_trait]
impl Stage for AwsStage {
    fn base_url(&self) -> &Url {
        &self.base_url
    }

    fn records(&self) -> &dyn Records {
        &self.records
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.api));
        Answer::to(request.header("host", &self.host).body(body.to_owned()), headers).await
    }

    async fn tick(&self) {
        let event = project().join("tests/events/aws/scheduled.json");
        let event = event.to_str().expect("a path");
        python("invoke.py", &["--function", &self.upkeep, "--event", event]);
    }
}

/// Runs one of the scripts beside the template, and fails with what it said.
fn python(script: &str, arguments: &[&str]) -> String {
    let output = Command::new(setting("TEST_AWS_PYTHON"))
        .arg(project().join("tests/deploy").join(script))
        .args(["--url", &setting("TEST_MINISTACK_URL")])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{script} failed: {said}");
    said
}

/// The operator's account in the emulator at this address, which may do everything.
pub fn account(endpoint: &str) -> Account {
    let settings = Settings {
        region: "eu-central-1".into(),
        endpoint: Some(Url::parse(endpoint).expect("an address")),
        access_key_id: "test".into(),
        secret_access_key: SecretBytes::new(b"test".to_vec()),
        session_token: None,
    };
    Account::new(settings).expect("usable settings")
}
