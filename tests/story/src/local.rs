//! The stage on one machine: the `gatelet` process on a folder.

use std::path::Path;
use std::process::Command;

use async_trait::async_trait;
use gatelet_core::records::Records;
use gatelet_local::{Database, SqliteRecords};
use reqwest::Client;
use tempfile::TempDir;
use url::Url;

use crate::{Answer, Process, Stage, binary, eventually, free_port};

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
        let folder = tempfile::tempdir().expect("a scratch folder");
        let (port, provider_port) = (free_port(), free_port());
        let server = Process::start(gatelet(&folder, port, provider_port).arg("serve"));
        let base_url = Url::parse(&format!("http://localhost:{port}")).expect("an address");
        let client = Client::builder().build().expect("a client");
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

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = self.base_url.join(path).expect("a path");
        Answer::to(self.client.get(url), headers).await
    }

    async fn tick(&self) {
        let mut upkeep = gatelet(&self.folder, self.port, self.provider_port);
        let status = upkeep.arg("upkeep").status().expect("it runs");
        assert!(status.success(), "the upkeep failed");
    }
}

fn gatelet(folder: &TempDir, port: u16, provider_port: u16) -> Command {
    let mut command = Command::new(binary("gatelet"));
    command.env_clear().arg("--folder").arg(folder.path().join(".gatelet"));
    command.arg("--port").arg(port.to_string());
    command.arg("--provider-port").arg(provider_port.to_string());
    command
}
