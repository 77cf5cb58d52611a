//! The managed identity, as the Functions host offers it to a process.

use std::process::Command;

use azure_core::credentials::TokenCredential as _;
use gatelet_azure::ManagedIdentity;

use crate::server::{Reply, Server, client};

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const SCOPE: &str = "https://storage.azure.com/.default";

/// Runs itself a second time with the variables that the host sets, because a process that has started
/// cannot safely change its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_is_asked_once_for_a_token_of_our_identity() {
    if is_the_second_time() {
        return ask_twice().await;
    }
    let server = Server::start(|_| {
        Reply::json(
            200,
            r#"{"access_token":"from the host","expires_on":"4102444800","token_type":"Bearer","resource":"https://storage.azure.com"}"#,
        )
    })
    .await;
    let mut again = Command::new(std::env::current_exe().unwrap());
    again
        .args(["--exact", "identity::the_host_is_asked_once_for_a_token_of_our_identity"])
        .env(ENDPOINT, format!("{}/msi/token", server.plain_url()))
        .env("IDENTITY_HEADER", "proof");
    let output = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let asked = server.asked();
    let [request] = asked.as_slice() else { panic!("asked {} times", asked.len()) };
    assert!(request.contains("x-identity-header: proof"), "{request}");
    assert!(request.contains("client_id=our-client-id"), "{request}");
    assert!(request.contains("resource=https%3A%2F%2Fstorage.azure.com"), "{request}");
}

async fn ask_twice() {
    let identity = ManagedIdentity::new(client(), Some("our-client-id".to_owned()));
    for _ in 0..2 {
        let token = identity.get_token(&[SCOPE], None).await.unwrap();
        assert_eq!(token.token.secret(), "from the host");
    }
}

#[expect(clippy::disallowed_methods, reason = "the identity's own variable, which the SDK reads")]
fn is_the_second_time() -> bool {
    std::env::var_os(ENDPOINT).is_some()
}
