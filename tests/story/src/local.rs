//! The stage on one machine: the `gatelet` process on a folder.

use std::path::Path;
use std::process::Command;

use async_trait::async_trait;
use gatelet_core::records::Records;
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets as _};
use gatelet_local::{Database, FileSecrets, SqliteRecords};
use http::Method;
use reqwest::Client;
use tempfile::TempDir;
use url::Url;

use crate::{Answer, Process, Scene, Stage, binary, eventually, free_port, log_filter, setting};

/// The registry's file in the scratch folder.
const REGISTRY: &str = "registry.toml";

/// The server, and its database opened a second time.
pub struct LocalStage {
    folder: TempDir,
    port: u16,
    provider_port: u16,
    base_url: Url,
    records: SqliteRecords,
    client: Client,
    _server: Process,
}

impl LocalStage {
    /// Starts the server and waits until it answers.
    pub async fn set_up() -> Self {
        Self::start(tempfile::tempdir().expect("a scratch folder"), free_port()).await
    }

    /// The same with what its operator provides, instead of the pocket identity provider.
    pub async fn with(scene: impl AsyncFnOnce(&Url) -> Scene) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let port = free_port();
        let Scene { registry, secrets } = scene(&address(port)).await;
        std::fs::write(folder.path().join(REGISTRY), registry).expect("the registry");
        let vault = FileSecrets::open(&folder.path().join(".gatelet")).expect("the secrets");
        for (name, value) in secrets {
            let name = SecretName::new(name).expect("a name");
            vault.put(&name, &SecretBytes::new(value.into_bytes())).await.expect("a secret");
        }
        Self::start(folder, port).await
    }

    async fn start(folder: TempDir, port: u16) -> Self {
        let provider_port = free_port();
        let server = Process::start(gatelet(&folder, port, provider_port).arg("serve"));
        let base_url = address(port);
        let redirect = reqwest::redirect::Policy::none();
        let client = Client::builder().redirect(redirect).build().expect("a client");
        eventually("the server answers", async || client.get(base_url.clone()).send().await.ok())
            .await;
        let database = Database::open(&folder.path().join(".gatelet")).expect("the database");
        let records = SqliteRecords::new(database);
        Self { folder, port, provider_port, base_url, records, client, _server: server }
    }
}

impl LocalStage {
    /// The folder in which the process keeps its store.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The issuer of the pocket identity provider.
    pub fn provider(&self) -> String {
        format!("http://127.0.0.1:{}", self.provider_port)
    }
}

#[async_trait]
impl Stage for LocalStage {
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
        let url = self.base_url.join(path).expect("a path");
        Answer::to(self.client.request(method, url).body(body.to_owned()), headers).await
    }

    async fn tick(&self) {
        let mut upkeep = gatelet(&self.folder, self.port, self.provider_port);
        let status = upkeep.arg("upkeep").status().expect("it runs");
        assert!(status.success(), "the upkeep failed");
    }
}

fn address(port: u16) -> Url {
    Url::parse(&format!("http://localhost:{port}")).expect("an address")
}

/// The command for a folder: with the registry that lies there, or else with the pocket provider.
fn gatelet(folder: &TempDir, port: u16, provider_port: u16) -> Command {
    let mut command = Command::new(binary("gatelet"));
    command.env_clear().arg("--folder").arg(folder.path().join(".gatelet"));
    command.arg("--port").arg(port.to_string());
    command.envs(log_filter().map(|filter| ("GATELET_LOG", filter)));
    let registry = folder.path().join(REGISTRY);
    if registry.is_file() {
        command.arg("--config").arg(registry).env("SSL_CERT_FILE", setting("TEST_OIDC_CA"));
    } else {
        command.arg("--provider-port").arg(provider_port.to_string());
    }
    command
}
