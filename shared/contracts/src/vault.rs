//! A vault in memory, for tests that need a secret and no adapter.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};

/// Keeps every version of every secret for as long as it lives.
#[derive(Default)]
pub struct MemorySecrets(Mutex<Vec<Kept>>);

struct Kept {
    name: SecretName,
    version: SecretVersion,
    value: Vec<u8>,
    enabled: bool,
}

impl MemorySecrets {
    fn with<T>(&self, use_it: impl FnOnce(&mut Vec<Kept>) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(&self, fits: impl Fn(&Kept) -> bool) -> Option<Secret> {
        self.with(|kept| {
            let found = kept.iter().rev().find(|kept| fits(kept))?;
            let value = SecretBytes::new(found.value.clone());
            found.enabled.then(|| Secret { version: found.version.clone(), value })
        })
    }
}

#[async_trait]
impl Secrets for MemorySecrets {
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage> {
        Ok(self.find(|kept| kept.name == *name))
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage> {
        Ok(self.find(|kept| kept.name == *name && kept.version == *version))
    }

    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        Ok(self.with(|kept| {
            let version = SecretVersion::new(kept.len().to_string());
            let (name, value) = (name.clone(), value.expose().to_vec());
            kept.push(Kept { name, version: version.clone(), value, enabled: true });
            version
        }))
    }

    async fn disable(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Disabled, Outage> {
        Ok(self.with(|kept| {
            let newest = kept.iter().rposition(|kept| kept.name == *name);
            let found =
                kept.iter().rposition(|kept| kept.name == *name && kept.version == *version);
            match found {
                Some(found) if Some(found) == newest => Disabled::StillCurrent,
                Some(found) => {
                    kept[found].enabled = false;
                    Disabled::Yes
                }
                None => Disabled::Yes,
            }
        }))
    }

    async fn facts(&self, name: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        let facts: Vec<VersionFacts> = self.with(|kept| {
            let of_name = kept.iter().rev().filter(|kept| kept.name == *name);
            let facts = |kept: &Kept| VersionFacts {
                version: kept.version.clone(),
                created_at: Timestamp::from_secs(0),
                enabled: kept.enabled,
            };
            of_name.map(facts).collect()
        });
        Ok((!facts.is_empty()).then_some(facts))
    }
}
