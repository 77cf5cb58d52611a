//! The steps in the life of a signing key, each of them one commit.

use std::sync::Arc;
use std::time::Duration;

use gatelet_contracts::SeededRandom;
use gatelet_core::records::{Records, StoreError};
use gatelet_core::token::{
    KEPT_AFTER_USE, KeyRing, KeyState, PUBLISHED_BEFORE_USE, RingKey, SecretCustody,
};
use gatelet_local::FileSecrets;
use tempfile::TempDir;

use super::NOW;
use crate::everywhere::{fine, stopped_everywhere};

/// A custody in a scratch folder.
struct Vault {
    custody: SecretCustody,
    random: Arc<SeededRandom>,
    _folder: TempDir,
}

impl Vault {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Arc::new(FileSecrets::open(&folder.path().join("data")).unwrap());
        let random = Arc::new(SeededRandom::new(seed));
        let custody = SecretCustody::new(secrets, Arc::<SeededRandom>::clone(&random));
        Self { custody, random, _folder: folder }
    }

    async fn first_key(&self, records: &dyn Records) -> Result<RingKey, StoreError> {
        KeyRing::new(records, &*self.random).ensure(&self.custody, &self.custody, NOW).await
    }

    async fn begin(&self, records: &dyn Records) -> Result<RingKey, StoreError> {
        KeyRing::new(records, &*self.random).rotate_begin(&self.custody, &self.custody, NOW).await
    }

    async fn tend(&self, records: &dyn Records, after: Duration) -> Result<(), StoreError> {
        let ring = KeyRing::new(records, &*self.random);
        ring.tend(&self.custody, &self.custody, NOW + after).await
    }

    /// The keys in each state, and the key to sign with, which must be the current one.
    async fn counts(&self, records: &dyn Records) -> [usize; 3] {
        let ring = KeyRing::new(records, &*self.random);
        let all = ring.published(NOW).await.unwrap();
        let count = |wanted| all.iter().filter(|key| key.state == wanted).count();
        let signing = ring.current(NOW).await.unwrap();
        assert_eq!(signing.unwrap().state, KeyState::Current, "a stop never leaves us without one");
        [count(KeyState::Next), count(KeyState::Current), count(KeyState::Retiring)]
    }
}

#[tokio::test]
async fn the_first_key_is_made() {
    stopped_everywhere(
        1,
        async |_| Vault::new(6),
        async |records, vault| vault.first_key(records).await,
        fine,
        async |records, vault, key| {
            let ring = KeyRing::new(records, &*vault.random);
            assert_eq!(ring.current(NOW).await.unwrap().as_ref(), Some(&key));
            assert_eq!(ring.published(NOW).await.unwrap(), [key]);
        },
    )
    .await;
}

#[tokio::test]
async fn a_rotation_is_begun() {
    stopped_everywhere(
        1,
        async |records| {
            let vault = Vault::new(20);
            vault.first_key(records).await.unwrap();
            vault
        },
        async |records, vault| vault.begin(records).await,
        async |records, vault| {
            let [next, current, retiring] = vault.counts(records).await;
            assert!(next <= 1 && current == 1 && retiring == 0);
        },
        async |records, vault, next| {
            assert_eq!(vault.counts(records).await, [1, 1, 0]);
            assert_eq!(next.state, KeyState::Next);
        },
    )
    .await;
}

#[tokio::test]
async fn the_next_key_takes_over() {
    stopped_everywhere(
        1,
        async |records| {
            let vault = Vault::new(21);
            vault.first_key(records).await.unwrap();
            let next = vault.begin(records).await.unwrap();
            (vault, next)
        },
        async |records, (vault, _)| vault.tend(records, PUBLISHED_BEFORE_USE).await,
        async |records, (vault, _)| {
            let counts = vault.counts(records).await;
            assert!(counts == [1, 1, 0] || counts == [0, 1, 1], "{counts:?}");
        },
        async |records, (vault, next), ()| {
            assert_eq!(vault.counts(records).await, [0, 1, 1]);
            let current = KeyRing::new(records, &*vault.random).current(NOW).await.unwrap();
            assert_eq!(current.unwrap().id, next.id);
        },
    )
    .await;
}

#[tokio::test]
async fn a_retired_key_goes() {
    let over = PUBLISHED_BEFORE_USE + KEPT_AFTER_USE;
    stopped_everywhere(
        1,
        async |records| {
            let vault = Vault::new(22);
            vault.first_key(records).await.unwrap();
            vault.begin(records).await.unwrap();
            vault.tend(records, PUBLISHED_BEFORE_USE).await.unwrap();
            vault
        },
        async |records, vault| vault.tend(records, over).await,
        fine,
        async |records, vault, ()| assert_eq!(vault.counts(records).await, [0, 1, 0]),
    )
    .await;
}
