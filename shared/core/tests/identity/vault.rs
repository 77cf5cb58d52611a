//! A vault in memory that counts what it is asked.

use std::sync::Mutex;

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};

/// Versions of one secret, oldest first; every name leads to it.
#[derive(Default)]
pub(crate) struct Vault(Mutex<State>);

#[derive(Default)]
struct State {
    values: Vec<Vec<u8>>,
    reads: usize,
    down: bool,
}

impl Vault {
    pub(crate) fn add(&self, value: &[u8]) {
        self.0.lock().unwrap().values.push(value.to_vec());
    }

    pub(crate) fn reads(&self) -> usize {
        self.0.lock().unwrap().reads
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.0.lock().unwrap().down = down;
    }

    fn read(&self, at: impl FnOnce(usize) -> Option<usize>) -> Result<Option<Secret>, Outage> {
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        if state.down {
            return Err(Outage::harmless("read a secret", "a played outage"));
        }
        let found = at(state.values.len()).and_then(|at| Some((at, state.values.get(at)?)));
        Ok(found.map(|(at, value)| Secret {
            version: SecretVersion::new(at.to_string()),
            value: SecretBytes::new(value.clone()),
        }))
    }
}

#[async_trait]
impl Secrets for Vault {
    async fn current(&self, _: &SecretName) -> Result<Option<Secret>, Outage> {
        self.read(|count| count.checked_sub(1))
    }

    async fn version(
        &self,
        _: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage> {
        self.read(|_| version.as_str().parse().ok())
    }

    async fn put(&self, _: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        self.add(value.expose());
        Ok(SecretVersion::new((self.0.lock().unwrap().values.len() - 1).to_string()))
    }

    async fn disable(&self, _: &SecretName, _: &SecretVersion) -> Result<Disabled, Outage> {
        Ok(Disabled::StillCurrent)
    }

    async fn facts(&self, _: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        let count = self.0.lock().unwrap().values.len();
        let versions = (0..count).rev().map(|at| VersionFacts {
            version: SecretVersion::new(at.to_string()),
            created_at: Timestamp::from_secs(at as u64),
            enabled: true,
        });
        Ok(Some(versions.collect()))
    }
}
