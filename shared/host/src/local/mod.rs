//! The parts of one machine: everything embedded, in one folder.

mod tickets;

use std::path::Path;
use std::sync::Arc;

use gatelet_core::automation::Queue;
use gatelet_core::clock::Clock;
use gatelet_core::objects::Objects;
use gatelet_core::parts::Parts;
use gatelet_core::random::Random;
use gatelet_core::records::Records;
use gatelet_core::secrets::Secrets;
use gatelet_core::token::{KeyMaker, SecretCustody, Signer};
use gatelet_local::{Database, FileObjects, FileSecrets, OpenError, SqliteQueue, SqliteRecords};
use url::Url;

pub(crate) use self::tickets::routes as ticket_routes;
use crate::{SystemClock, SystemRandom};

/// Records, queue, secrets and objects in one folder.
pub(crate) struct LocalParts {
    records: SqliteRecords,
    queue: SqliteQueue,
    secrets: Arc<FileSecrets>,
    custody: SecretCustody,
    objects: Arc<FileObjects>,
    base_url: Url,
}

impl LocalParts {
    /// Opens the folder, and makes it when it is missing.
    pub(crate) fn open(folder: &Path, base_url: Url) -> Result<Self, OpenError> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let database = Database::open(folder)?;
        let secrets = Arc::new(FileSecrets::open(folder)?);
        let objects = FileObjects::open(database.clone(), base_url.clone(), Arc::clone(&random))?;
        Ok(Self {
            records: SqliteRecords::new(database.clone()),
            queue: SqliteQueue::new(database),
            custody: SecretCustody::new(Arc::<FileSecrets>::clone(&secrets), random),
            secrets,
            objects: Arc::new(objects),
            base_url,
        })
    }

    /// The queue as its worker sees it.
    pub(crate) const fn inbox(&self) -> &SqliteQueue {
        &self.queue
    }

    /// The objects as the holders of tickets see them.
    pub(crate) fn tickets(&self) -> Arc<FileObjects> {
        Arc::clone(&self.objects)
    }
}

impl Parts for LocalParts {
    fn records(&self) -> &dyn Records {
        &self.records
    }

    fn secrets(&self) -> &dyn Secrets {
        &*self.secrets
    }

    fn signer(&self) -> &dyn Signer {
        &self.custody
    }

    fn key_maker(&self) -> &dyn KeyMaker {
        &self.custody
    }

    fn queue(&self) -> &dyn Queue {
        &self.queue
    }

    fn objects(&self) -> &dyn Objects {
        &*self.objects
    }

    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }

    fn random(&self) -> &dyn Random {
        &SystemRandom
    }

    fn base_url(&self) -> &Url {
        &self.base_url
    }
}
