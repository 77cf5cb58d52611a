//! The stage on Azure: the three apps under a double of the Functions host, on Azurite and the double of Key
//! Vault.

mod storage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use gatelet_azure::{Access, Azure, Settings, TableRecords, Timeouts, http_client};
use gatelet_core::random::draw;
use gatelet_core::records::Records;
use gatelet_host::SystemRandom;
use reqwest::Method;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use url::Url;

use self::storage::{Storage, put_secret};
use crate::functions_host::{queue_envelope, timer_envelope};
use crate::{Answer, FunctionsHost, Scene, Stage, binary, project, setting};

const FRONT_DOOR: &str = "22222222-2222-4222-8222-222222222222";
const BASE_URL: &str = "https://gate.example";
const VAULT: &str = "https://gatelet.vault.azure.net";

/// The apps, and the queue's pump.
pub struct AzureStage {
    base_url: Url,
    azure: Azure,
    auth: FunctionsHost,
    api: FunctionsHost,
    work: Arc<FunctionsHost>,
    pump: JoinHandle<()>,
    _folders: TempDir,
}

impl AzureStage {
    /// Makes tables, queue and containers with names of their own, fills in what the operator provides, and
    /// starts the apps.
    pub async fn set_up(scene: impl AsyncFnOnce(&Url) -> Scene) -> Self {
        Self::behind(&Url::parse(BASE_URL).expect("an address"), scene).await
    }

    /// The same behind an address of this machine, where a runner reaches it too.
    pub async fn behind(front: &Url, scene: impl AsyncFnOnce(&Url) -> Scene) -> Self {
        let base_url = front.clone();
        let unique = draw::<4>(&SystemRandom)
            .iter()
            .fold(String::from("t"), |name, byte| format!("{name}{byte:02x}"));
        let storage = Arc::new(Storage::connect().await);
        storage.make(&unique).await;
        let Scene { registry, secrets } = scene(&base_url).await;
        storage.upload(&registry_path(&unique), registry).await;
        for (name, value) in secrets {
            put_secret(&format!("{unique}-{name}"), &value).await;
        }
        let folders = tempfile::tempdir().expect("a scratch folder");
        let authorities = authorities(folders.path());
        let app = |name: &'static str, crates: &[&str]| {
            let folder = lay_out(folders.path(), name, crates);
            let handler = handler(name, &unique, (&base_url, &authorities));
            async move { FunctionsHost::start(&folder, handler).await }
        };
        let auth = app("auth", &["login", "token", "revoke", "console"]).await;
        let api = app("api", &["run-automation", "attempt"]).await;
        let work = Arc::new(app("work", &["work-automation", "upkeep"]).await);
        for reachable in [&auth, &api] {
            assert!(!reachable.has_queue_trigger(), "what the world can reach serves no trigger");
        }
        let pump = tokio::spawn(pump(Arc::clone(&storage), Arc::clone(&work), unique.clone()));

        let azure =
            Azure::with_access(&settings(&unique), &access(storage)).expect("usable addresses");
        Self { base_url, azure, auth, api, work, pump, _folders: folders }
    }
}

/// The operator's access to the emulator.
fn access(storage: Arc<Storage>) -> Access {
    let authority = std::fs::read(setting("TEST_AZURITE_CA")).expect("the authority");
    let http = Arc::new(http_client(Timeouts::default(), Some(&authority)).expect("a client"));
    Access::new(http, storage)
}

/// Makes the tables whose names begin so in the emulator.
pub async fn make_tables(unique: &str) {
    Storage::connect().await.make_tables(unique).await;
}

/// The records in those tables.
pub async fn records(unique: &str) -> TableRecords {
    let access = access(Arc::new(Storage::connect().await));
    let tables = setting("TEST_AZURITE_TABLE_URL").parse().expect("an address");
    TableRecords::new(&access, tables, unique)
}

impl Drop for AzureStage {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

#[async_trait]
impl Stage for AzureStage {
    fn base_url(&self) -> &Url {
        &self.base_url
    }

    fn records(&self) -> &dyn Records {
        &self.azure.records
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        // As Front Door's rules have it.
        let api = path.starts_with("/api/") || path.starts_with("/attempts/");
        let app = if api { &self.api } else { &self.auth };
        // Front Door adds its id; without it the app must refuse.
        let refused = app.proxy(method.clone(), path, headers, body).await;
        let refused = Answer::receive(refused.expect("a declared route")).await;
        assert_eq!(refused.expect(403)["code"], "not_through_front");
        let headers = [headers, &[("x-azure-fdid", FRONT_DOOR)]].concat();
        let response = app.proxy(method, path, &headers, body).await;
        Answer::receive(response.expect("a declared route")).await
    }

    async fn tick(&self) {
        assert!(self.work.trigger("timerTrigger", timer_envelope).await, "the upkeep failed");
    }
}

/// Takes messages off the queue as the host's extension does, and invokes the function for each.
async fn pump(storage: Arc<Storage>, work: Arc<FunctionsHost>, queue: String) {
    loop {
        match storage.receive(&queue).await {
            None => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            Some(message) => {
                let (text, count) = (message.text.as_str(), message.dequeued);
                if work.trigger("queueTrigger", |name| queue_envelope(name, text, count)).await {
                    storage.delete(&queue, &message).await;
                }
            }
        }
    }
}

fn handler(app: &str, unique: &str, (base_url, authorities): (&Url, &Path)) -> Command {
    let mut command = Command::new(binary("handler"));
    let settings = settings(unique);
    command.env_clear().envs([
        ("GATELET_APP", app),
        ("GATELET_BASE_URL", base_url.as_str()),
        ("GATELET_TABLES_URL", &settings.tables_url),
        ("GATELET_QUEUES_URL", &settings.queues_url),
        ("GATELET_BLOBS_URL", &settings.blobs_url),
        ("GATELET_REGISTRY", &format!("{}/{}", settings.blobs_url, registry_path(unique))),
        ("GATELET_VAULT_URL", VAULT),
        ("GATELET_TABLE_PREFIX", unique),
        ("GATELET_QUEUE", unique),
        ("GATELET_CONTAINER_PREFIX", &settings.container_prefix),
        ("GATELET_SECRET_PREFIX", &settings.secret_prefix),
        ("IDENTITY_ENDPOINT", &setting("TEST_IDENTITY_ENDPOINT")),
        ("IDENTITY_HEADER", &setting("TEST_IDENTITY_HEADER")),
        ("SSL_CERT_FILE", &authorities.to_string_lossy()),
        // The vault's name leads nowhere here; the double of the identity endpoint tunnels to the vault's.
        ("HTTPS_PROXY", &setting("TEST_KEY_VAULT_PROXY")),
        ("NO_PROXY", "127.0.0.1,localhost"),
    ]);
    if app == "work" {
        command.env("GATELET_RUNNER", setting("TEST_RUNNER_URL"));
        command.env("GATELET_RUNNER_SCOPE", setting("TEST_RUNNER_SCOPE"));
    } else {
        command.env("GATELET_FRONT_DOOR_ID", FRONT_DOOR);
    }
    command
}

fn registry_path(unique: &str) -> String {
    format!("{unique}-registry/registry.toml")
}

/// The emulators' authorities in one file, as a machine's own store would have them. That of the OpenID
/// provider is the same as theirs.
fn authorities(root: &Path) -> PathBuf {
    let read = |name| std::fs::read(setting(name)).expect("an authority");
    let path = root.join("authorities.pem");
    let both = [read("TEST_AZURITE_CA"), read("TEST_KEY_VAULT_CA")].concat();
    std::fs::write(&path, both).expect("a file");
    path
}

fn settings(unique: &str) -> Settings {
    Settings {
        tables_url: setting("TEST_AZURITE_TABLE_URL"),
        queues_url: setting("TEST_AZURITE_QUEUE_URL"),
        blobs_url: setting("TEST_AZURITE_BLOB_URL"),
        vault_url: VAULT.into(),
        table_prefix: unique.into(),
        queue: unique.into(),
        container_prefix: format!("{unique}-"),
        registry: None,
        secret_prefix: format!("{unique}-"),
        signing_key: "access-token".into(),
        identity: None,
    }
}

/// Lays an app out as its package has it: `host.json` and the folders of its functions.
fn lay_out(root: &Path, app: &str, crates: &[&str]) -> PathBuf {
    let project = project();
    let folder = root.join(app);
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::copy(project.join("host.json"), folder.join("host.json")).expect("host.json");
    for name in crates {
        for entry in std::fs::read_dir(project.join("functions").join(name)).expect("a crate") {
            let source = entry.expect("an entry").path();
            let declared = source.join("function.json");
            if declared.is_file() {
                let target = folder.join(source.file_name().expect("a name"));
                std::fs::create_dir(&target).expect("a folder");
                std::fs::copy(declared, target.join("function.json")).expect("function.json");
            }
        }
    }
    folder
}
