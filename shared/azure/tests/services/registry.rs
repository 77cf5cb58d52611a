//! The registry in Blob storage.

use async_trait::async_trait;
use gatelet_azure::{Azure, Settings};
use gatelet_contracts::registry::{Operator, registry_source_contract};
use gatelet_contracts::unique;

use crate::place::{client, service, set_up, storage};

struct Owner(String);

#[async_trait]
impl Operator for Owner {
    async fn write(&self, text: &[u8]) {
        let request = client("TEST_AZURITE_CA").put(&self.0).header("x-ms-blob-type", "BlockBlob");
        set_up(request.body(text.to_vec())).await;
    }
}

#[tokio::test]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn blob_storage_keeps_the_registry() {
    let blobs = service("TEST_AZURITE_BLOB_URL");
    let container = format!("{blobs}/registry-{}", unique());
    set_up(client("TEST_AZURITE_CA").put(format!("{container}?restype=container"))).await;
    let address = format!("{container}/registry.toml");
    let settings = Settings {
        tables_url: "https://tables.example".into(),
        queues_url: "https://queues.example".into(),
        blobs_url: blobs.to_string(),
        vault_url: "https://vault.example".into(),
        table_prefix: "t".into(),
        queue: "q".into(),
        container_prefix: String::new(),
        registry: Some(address.clone()),
        secret_prefix: String::new(),
        signing_key: "k".into(),
        identity: None,
    };
    let source = Azure::with_access(&settings, &storage()).unwrap().registry.unwrap();
    registry_source_contract(&source, &Owner(address)).await;
}
