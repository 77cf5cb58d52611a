//! Secrets of our own: drawn by us, known to nobody else, and always readable in two versions, so that one can
//! be replaced while what was made with it is still under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Secret, SecretBytes, SecretName, SecretVersion, Secrets};
use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::random::{Random, draw};

/// How long a process takes the newest version that it knows for the newest there is.
const FRESH: Duration = Duration::from_mins(5);

/// A secret of our own: 256 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnSecret {
    /// Seals sign-ins under way. Only `login` may read it.
    LoginSealing,
    /// Makes refresh tokens. Only `token` may read it.
    RefreshPepper,
}

impl OwnSecret {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::LoginSealing, Self::RefreshPepper];

    /// Its name in the vault.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoginSealing => "login-sealing-key",
            Self::RefreshPepper => "refresh-pepper",
        }
    }

    /// How long something made with a version stays in use. A version must not be replaced twice within this.
    #[must_use]
    pub const fn in_use_for(self) -> Duration {
        match self {
            Self::LoginSealing => Duration::from_mins(20),
            Self::RefreshPepper => Duration::from_hours(25),
        }
    }

    fn secret_name(self) -> Result<SecretName, Outage> {
        SecretName::new(self.name()).map_err(|bad| Outage::harmless("name a secret", bad))
    }
}

/// What a process remembers of its own secrets. The values are wiped with it.
#[derive(Default)]
pub struct RememberedSecrets(Mutex<HashMap<OwnSecret, Remembered>>);

#[derive(Default)]
struct Remembered {
    is_there: bool,
    newest: Option<(SecretVersion, Timestamp)>,
    versions: HashMap<SecretVersion, Arc<Secret>>,
}

/// Reads secrets of our own.
pub struct OwnSecrets<'a> {
    secrets: &'a dyn Secrets,
    remembered: &'a RememberedSecrets,
}

impl<'a> OwnSecrets<'a> {
    /// From this vault, through what the process remembers.
    pub fn new(secrets: &'a dyn Secrets, remembered: &'a RememberedSecrets) -> Self {
        Self { secrets, remembered }
    }

    /// The version to make new things with. That there is none yet is an outage: the upkeep makes it.
    pub async fn current(&self, which: OwnSecret, now: Timestamp) -> Result<Arc<Secret>, Outage> {
        let fresh = self.remembered.with(which, |known| {
            let (version, since) = known.newest.as_ref()?;
            let is_fresh = since.is_within(FRESH, now);
            is_fresh.then(|| known.versions.get(version).map(Arc::clone)).flatten()
        });
        if let Some(secret) = fresh {
            return Ok(secret);
        }
        let found = self.secrets.current(&which.secret_name()?).await?;
        let secret = found.ok_or_else(|| {
            Outage::harmless(
                "read a secret of our own",
                format!("there is no {} yet", which.name()),
            )
        })?;
        let secret = Arc::new(secret);
        self.remembered.with(which, |known| {
            known.newest = Some((secret.version.clone(), now));
            known.versions.insert(secret.version.clone(), Arc::clone(&secret));
        });
        Ok(secret)
    }

    /// A version that this process has used before. Asking costs no call, so that a stranger may name it.
    #[must_use]
    pub fn known(&self, which: OwnSecret, version: &SecretVersion) -> Option<Arc<Secret>> {
        self.remembered.with(which, |known| known.versions.get(version).cloned())
    }

    /// The version that something was made with, if it can still be read. The version must come from a place
    /// that strangers cannot write to, because asking for one costs a call.
    pub async fn version(
        &self,
        which: OwnSecret,
        version: &SecretVersion,
    ) -> Result<Option<Arc<Secret>>, Outage> {
        let known = self.known(which, version);
        if known.is_some() {
            return Ok(known);
        }
        let found = self.secrets.version(&which.secret_name()?, version).await?;
        let found = found.map(Arc::new);
        if let Some(secret) = &found {
            self.remembered.with(which, |known| {
                known.versions.insert(version.clone(), Arc::clone(secret));
            });
        }
        Ok(found)
    }
}

impl RememberedSecrets {
    /// [`ensure`], once a process. Whoever calls it needs no right to read a value.
    pub async fn ensure(
        &self,
        secrets: &dyn Secrets,
        which: OwnSecret,
        random: &dyn Random,
    ) -> Result<(), Outage> {
        if !self.with(which, |known| known.is_there) {
            ensure(secrets, which, random).await?;
            self.with(which, |known| known.is_there = true);
        }
        Ok(())
    }

    fn with<T>(&self, which: OwnSecret, use_it: impl FnOnce(&mut Remembered) -> T) -> T {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(known.entry(which).or_default())
    }
}

/// Draws a new version of a secret of our own. Whoever calls it needs no right to read one.
pub async fn renew(
    secrets: &dyn Secrets,
    which: OwnSecret,
    random: &dyn Random,
) -> Result<SecretVersion, Outage> {
    let value = SecretBytes::new(draw::<32>(random).to_vec());
    secrets.put(&which.secret_name()?, &value).await
}

/// Draws the first version unless there is one. Two callers at once make two versions, which both can be read.
pub async fn ensure(
    secrets: &dyn Secrets,
    which: OwnSecret,
    random: &dyn Random,
) -> Result<(), Outage> {
    let facts = secrets.facts(&which.secret_name()?).await?;
    if facts.is_none_or(|versions| versions.is_empty()) {
        renew(secrets, which, random).await?;
    }
    Ok(())
}
