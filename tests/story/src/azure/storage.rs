//! What an operator and the Functions host do with storage: make tables, queues and containers, and take
//! messages off a queue. Plain requests, so that nothing of ours is trusted to do it.

use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatelet_azure::{Timeouts, http_client};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::setting;

/// The storage account behind the emulator's three addresses.
#[derive(Debug)]
pub(super) struct Storage {
    client: Client,
    token: String,
}

/// A message that is leased to its receiver.
pub(super) struct Message {
    pub(super) text: String,
    pub(super) dequeued: u32,
    id: String,
    receipt: String,
}

impl Storage {
    /// Gets a token as a managed identity would.
    pub(super) async fn connect() -> Self {
        let client = client("TEST_AZURITE_CA");
        let token = token(&client, "https://storage.azure.com").await;
        Self { client, token }
    }

    /// Makes everything whose name begins with `unique`.
    pub(super) async fn make(&self, unique: &str) {
        self.make_tables(unique).await;
        created(self.request(Method::PUT, "TEST_AZURITE_QUEUE_URL", unique).body("")).await;
        for place in ["sealed", "files", "registry"] {
            let path = format!("{unique}-{place}?restype=container");
            created(self.request(Method::PUT, "TEST_AZURITE_BLOB_URL", &path).body("")).await;
        }
    }

    /// Makes the tables whose names begin so.
    pub(super) async fn make_tables(&self, unique: &str) {
        for table in ["identity", "runs", "audit"] {
            let body = json!({ "TableName": format!("{unique}{table}") }).to_string();
            let request = self
                .request(Method::POST, "TEST_AZURITE_TABLE_URL", "Tables")
                .header("content-type", "application/json")
                .header("accept", "application/json;odata=nometadata");
            created(request.body(body)).await;
        }
    }

    /// Uploads a blob at a path of container and name.
    pub(super) async fn upload(&self, path: &str, text: String) {
        let request = self.request(Method::PUT, "TEST_AZURITE_BLOB_URL", path);
        created(request.header("x-ms-blob-type", "BlockBlob").body(text)).await;
    }

    /// Leases the next message for as long as `host.json` says.
    pub(super) async fn receive(&self, queue: &str) -> Option<Message> {
        let path = format!("{queue}/messages?numofmessages=1&visibilitytimeout=30");
        let request = self.request(Method::GET, "TEST_AZURITE_QUEUE_URL", &path);
        let text = request.send().await.expect("an answer").text().await.expect("text");
        let field = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            rest.split_once(&format!("</{name}>")).map(|(value, _)| value.to_owned())
        };
        let decoded = STANDARD.decode(field("MessageText")?).expect("the host expects base64");
        Some(Message {
            text: String::from_utf8(decoded).expect("text"),
            dequeued: field("DequeueCount")?.parse().expect("a number"),
            id: field("MessageId")?,
            receipt: field("PopReceipt")?,
        })
    }

    /// Deletes a message that was dealt with.
    pub(super) async fn delete(&self, queue: &str, message: &Message) {
        let Message { id, receipt, .. } = message;
        let receipt: String = url::form_urlencoded::byte_serialize(receipt.as_bytes()).collect();
        let path = format!("{queue}/messages/{id}?popreceipt={receipt}");
        let request = self.request(Method::DELETE, "TEST_AZURITE_QUEUE_URL", &path);
        let status = request.send().await.expect("an answer").status();
        assert_eq!(status, StatusCode::NO_CONTENT, "deleting a message");
    }

    fn request(&self, method: Method, service: &str, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}/{path}", setting(service)))
            .bearer_auth(&self.token)
            .header("x-ms-version", "2021-12-02")
    }
}

/// Puts a secret into the vault, as base64 as its operator would.
pub(super) async fn put_secret(name: &str, value: &str) {
    let client = client("TEST_KEY_VAULT_CA");
    let token = token(&client, "https://vault.azure.net").await;
    let url = format!("{}/secrets/{name}?api-version=7.4", setting("TEST_KEY_VAULT_URL"));
    let body = json!({ "value": STANDARD.encode(value) }).to_string();
    let request = client.put(url).bearer_auth(token).header("content-type", "application/json");
    let status = request.body(body).send().await.expect("the vault answers").status();
    assert_eq!(status, StatusCode::OK, "putting a secret");
}

fn client(authority: &str) -> Client {
    let authority = std::fs::read(setting(authority)).expect("the authority");
    http_client(Timeouts::default(), Some(&authority)).expect("a client")
}

async fn token(client: &Client, audience: &str) -> String {
    let endpoint = setting("TEST_IDENTITY_ENDPOINT");
    let url = format!("{endpoint}?api-version=2019-08-01&resource={audience}");
    let request = client.get(url).header("x-identity-header", setting("TEST_IDENTITY_HEADER"));
    let answer = request.send().await.expect("the identity endpoint answers");
    let answer: Value = serde_json::from_str(&answer.text().await.expect("text")).expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}

async fn created(request: RequestBuilder) {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    assert_eq!(status, StatusCode::CREATED, "{}", response.text().await.unwrap_or_default());
}

#[async_trait]
impl TokenCredential for Storage {
    async fn get_token(
        &self,
        _scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let end = OffsetDateTime::now_utc() + Duration::from_mins(30);
        Ok(AccessToken::new(self.token.clone(), end))
    }
}
