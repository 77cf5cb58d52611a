//! The other ports: doubt after a write, none after a refusal, and what a vault's refusals mean.

use bytes::Bytes;
use gatelet_azure::{BlobObjects, KeyVaultKeyMaker, KeyVaultSecrets, StorageQueue};
use gatelet_core::automation::{Queue as _, RunId, RunMessage};
use gatelet_core::objects::{ObjectName, Objects as _, Place};
use gatelet_core::outage::{Effect, Outage};
use gatelet_core::secrets::{SecretBytes, SecretName, SecretVersion, Secrets as _};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::KeyMaker as _;

use crate::server::{Reply, Server, access};

const CHALLENGE: &str = "WWW-Authenticate: Bearer authorization=\"https://login.example/t\", \
     resource=\"https://vault.example\"\r\n";

/// A vault asks for a token first, and gets no body before it has said which.
fn challenged(request: &str) -> bool {
    !request.contains("authorization: Bearer")
}

/// Writes once through every adapter that writes, and gives what failed.
async fn write_everything(server: &Server) -> Vec<Outage> {
    let (access, url) = (access(), server.url());
    let queue = StorageQueue::new(&access, url.join("queue").unwrap()).unwrap();
    let message = RunMessage {
        tenant: TenantId::new("tenant").unwrap(),
        run: RunId::new("0".repeat(32)).unwrap(),
        traceparent: None,
    };
    let objects = BlobObjects::new(&access, &url, "").unwrap();
    let object = ObjectName::new(Place::Sealed, "a").unwrap();
    let secrets = KeyVaultSecrets::new(&access, &url, "").unwrap();
    let value = SecretBytes::new(b"value".to_vec());
    let maker = KeyVaultKeyMaker::new(&access, &url, "signing").unwrap();
    vec![
        queue.send(&message).await.unwrap_err(),
        objects.create(&object, Bytes::from_static(b"body")).await.unwrap_err(),
        secrets.put(&secret(), &value).await.unwrap_err(),
        maker.make_key().await.unwrap_err(),
    ]
}

fn secret() -> SecretName {
    SecretName::new("name").unwrap()
}

/// Replies to writes with their token as told, and to everything before that as a service would.
async fn server(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if challenged(request) {
            return Reply::Answer(401, CHALLENGE, String::new());
        }
        if request.starts_with("GET ") { Reply::json(200, r#"{"value":[]}"#) } else { reply() }
    })
    .await
}

fn sent(server: &Server) -> usize {
    let asked = server.asked();
    asked.iter().filter(|request| !request.starts_with("GET ") && !challenged(request)).count()
}

#[tokio::test]
async fn a_write_without_an_answer_is_in_doubt_and_sent_once() {
    for reply in [|| Reply::HangUp, || Reply::Silence, || Reply::status(503)] {
        let server = server(reply).await;
        for outage in write_everything(&server).await {
            assert_eq!(outage.effect, Effect::Unknown, "{outage:?}");
        }
        assert_eq!(sent(&server), 4);
    }
}

#[tokio::test]
async fn a_refused_write_changed_nothing() {
    let server = server(|| Reply::status(403)).await;
    for outage in write_everything(&server).await {
        assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
    }
    assert_eq!(sent(&server), 4);
    for outage in write_everything(&Server::gone().await).await {
        assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
    }
}

#[tokio::test]
async fn a_secret_does_not_travel_before_the_vault_has_named_its_audience() {
    let server = server(|| Reply::HangUp).await;
    let _failed = write_everything(&server).await;
    for request in server.asked().iter().filter(|request| challenged(request)) {
        assert!(request.ends_with("\r\n\r\n"), "a body without a token: {request}");
    }
}

#[tokio::test]
async fn a_disabled_version_is_absent_and_a_missing_permission_is_an_outage() {
    let disabled = r#"{"error":{"code":"Forbidden","message":"Operation get is not allowed on a disabled secret.","innererror":{"code":"SecretDisabled"}}}"#;
    let denied = r#"{"error":{"code":"Forbidden","message":"Caller is not authorized.","innererror":{"code":"ForbiddenByRbac"}}}"#;
    for (answer, is_absent) in [(disabled, true), (denied, false)] {
        let server = Server::start(move |request| {
            if challenged(request) {
                return Reply::Answer(401, CHALLENGE, String::new());
            }
            Reply::json(403, answer)
        })
        .await;
        let secrets = KeyVaultSecrets::new(&access(), &server.url(), "").unwrap();
        let version = SecretVersion::new("0123456789abcdef0123456789abcdef");
        let found = secrets.version(&secret(), &version).await;
        assert_eq!(found.is_ok_and(|found| found.is_none()), is_absent, "{answer}");
    }
}
