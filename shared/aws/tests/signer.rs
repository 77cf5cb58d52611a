//! The contract of `Signer` and `KeyMaker`, against an emulator of KMS.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod emulator;

use gatelet_aws::KmsSigner;
use gatelet_contracts::signer::signer_contract;
use gatelet_core::token::KeyHandle;

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_signs() {
    let signer = KmsSigner::new(emulator::account(emulator::address(emulator::MINISTACK)));
    let unknown = KeyHandle::new(
        "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000000",
    );
    signer_contract(&signer, &signer, &unknown).await;
}
