//! Signing keys in Key Vault.

use gatelet_azure::{KeyVaultKeyMaker, KeyVaultSigner};
use gatelet_contracts::signer::signer_contract;
use gatelet_contracts::unique;
use gatelet_core::token::KeyHandle;

use crate::place::{service, vault};

#[tokio::test]
#[ignore = "needs the Key Vault double: cargo xtask test starts it"]
async fn key_vault_keeps_the_contract_of_signers() {
    let (access, address) = (vault(), service("TEST_KEY_VAULT_URL"));
    let name = format!("signing-{}", unique());
    let signer = KeyVaultSigner::new(&access, &address).unwrap();
    let maker = KeyVaultKeyMaker::new(&access, &address, &name).unwrap();
    let unknown = KeyHandle::new(format!("{name}/0123456789abcdef0123456789abcdef"));
    signer_contract(&signer, &maker, &unknown).await;
}
