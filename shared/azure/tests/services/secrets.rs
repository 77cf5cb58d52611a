//! Secrets in Key Vault.

use gatelet_azure::KeyVaultSecrets;
use gatelet_contracts::secrets::secrets_contract;

use crate::place::{service, vault};

#[tokio::test]
#[ignore = "needs the Key Vault double: cargo xtask test starts it"]
async fn key_vault_keeps_the_contract_of_secrets() {
    let secrets = KeyVaultSecrets::new(&vault(), &service("TEST_KEY_VAULT_URL"), "g-").unwrap();
    secrets_contract(&secrets).await;
}
