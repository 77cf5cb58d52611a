//! The contract of `Secrets`, against an emulator of Secrets Manager.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod emulator;

use gatelet_aws::SecretsManagerSecrets;
use gatelet_contracts::secrets::secrets_contract;
use gatelet_contracts::unique;
use gatelet_core::secrets::{SecretName, Secrets};

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_keeps_secrets() {
    let account = emulator::account(emulator::address(emulator::MINISTACK));
    secrets_contract(&SecretsManagerSecrets::new(account, "gatelet/")).await;
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_answers_a_secret_that_a_person_entered_as_text() {
    let endpoint = emulator::address(emulator::MINISTACK);
    let name = format!("entered-{}", unique());
    let client = aws_sdk_secretsmanager::Client::new(&emulator::setup(&endpoint));
    let call = client.create_secret().name(format!("gatelet/{name}")).secret_string("häagen");
    let made = call.send().await.unwrap();

    let secrets = SecretsManagerSecrets::new(emulator::account(endpoint), "gatelet/");
    let secret = secrets.current(&SecretName::new(name).unwrap()).await.unwrap().unwrap();
    assert_eq!(secret.value.expose(), "häagen".as_bytes());
    assert_eq!(Some(secret.version.as_str()), made.version_id());
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_has_no_value_in_a_secret_that_was_only_declared() {
    let endpoint = emulator::address(emulator::MINISTACK);
    let name = SecretName::new(format!("declared-{}", unique())).unwrap();
    let client = aws_sdk_secretsmanager::Client::new(&emulator::setup(&endpoint));
    client.create_secret().name(format!("gatelet/{}", name.as_str())).send().await.unwrap();

    let secrets = SecretsManagerSecrets::new(emulator::account(endpoint), "gatelet/");
    assert!(secrets.current(&name).await.unwrap().is_none());
}
