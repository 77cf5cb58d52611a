//! Blob storage.

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_azure::BlobObjects;
use gatelet_contracts::objects::{
    Strictness, Visit, Visitor, object_addresses_contract, objects_contract,
};
use gatelet_contracts::unique;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Place};

use crate::place::{client, service, set_up, storage};

/// Objects in containers that nobody else uses.
async fn objects() -> BlobObjects {
    let blobs = service("TEST_AZURITE_BLOB_URL");
    let prefix = format!("c{}-", unique());
    for place in [Place::Sealed, Place::Files] {
        let container = format!("{blobs}/{prefix}{}?restype=container", place.name());
        set_up(client("TEST_AZURITE_CA").put(container)).await;
    }
    BlobObjects::new(&storage(), &blobs, &prefix).unwrap()
}

struct Browser(reqwest::Client);

impl Browser {
    async fn send(
        &self,
        mut request: reqwest::RequestBuilder,
        address: &Address,
    ) -> reqwest::Response {
        for (name, value) in &address.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap()
    }
}

#[async_trait]
impl Visitor for Browser {
    async fn put(&self, address: &Address, body: Bytes) -> u16 {
        let request = self.0.put(address.expose().clone()).body(body);
        self.send(request, address).await.status().as_u16()
    }

    async fn get(&self, address: &Address) -> Visit {
        let answer = self.send(self.0.get(address.expose().clone()), address).await;
        let headers = answer.headers().iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Visit {
            headers: headers.collect(),
            status: answer.status().as_u16(),
            body: answer.bytes().await.unwrap(),
        }
    }
}

#[tokio::test]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn blob_storage_keeps_the_contract_of_objects() {
    objects_contract(&objects().await).await;
}

#[tokio::test]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn blob_storage_keeps_the_contract_of_addresses() {
    let browser = Browser(client("TEST_AZURITE_CA"));
    let strictness = Strictness { refuses_overwrites: true, refuses_expired: true };
    object_addresses_contract(&objects().await, &browser, now(), strictness).await;
}

#[expect(clippy::disallowed_methods, reason = "the emulator compares addresses with its own clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_secs(since.as_secs())
}
