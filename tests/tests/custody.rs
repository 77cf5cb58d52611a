//! Signing keys kept as secrets, by a maker that may write and not read, and a signer that may read.

use std::sync::Arc;

use async_trait::async_trait;
use gatelet_contracts::SeededRandom;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};
use gatelet_core::token::{KeyMaker as _, SecretCustody, Sha256Digest, Signer as _};
use gatelet_local::FileSecrets;

/// A vault whose caller may put and nothing else, as `upkeep` on AWS.
struct PutOnly(Arc<FileSecrets>);

fn denied<T>() -> Result<T, Outage> {
    Err(Outage::harmless("ask the vault", "access denied"))
}

#[async_trait]
impl Secrets for PutOnly {
    async fn current(&self, _: &SecretName) -> Result<Option<Secret>, Outage> {
        denied()
    }

    async fn version(&self, _: &SecretName, _: &SecretVersion) -> Result<Option<Secret>, Outage> {
        denied()
    }

    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        self.0.put(name, value).await
    }

    async fn disable(&self, _: &SecretName, _: &SecretVersion) -> Result<Disabled, Outage> {
        denied()
    }

    async fn facts(&self, _: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        denied()
    }
}

#[tokio::test]
async fn a_maker_needs_no_right_to_read_and_another_process_signs_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Arc::new(FileSecrets::open(&folder.path().join("data")).unwrap());
    let random = Arc::new(SeededRandom::new(9));
    let put_only = Arc::new(PutOnly(Arc::<FileSecrets>::clone(&vault)));
    let maker = SecretCustody::new(put_only, Arc::<SeededRandom>::clone(&random) as Arc<_>);
    let handle = maker.make_key().await.unwrap();
    let public = maker.public_key(&handle).await.unwrap().unwrap();

    let signer = SecretCustody::new(vault, random);
    let signature = signer.sign(&handle, &Sha256Digest::of(b"message")).await.unwrap().unwrap();
    assert!(public.verifies(b"message", &signature));
    assert!(!public.verifies(b"another", &signature));
}
