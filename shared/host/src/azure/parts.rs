//! The parts on Azure. Their clients are built at the start, which costs next to nothing; connections and
//! tokens wait for the first use.

use std::sync::Arc;

use gatelet_azure::{Azure, BlobObjects, KeyVaultSecrets, Settings, StorageQueue, TableRecords};
use gatelet_core::automation::Queue;
use gatelet_core::clock::Clock;
use gatelet_core::objects::Objects;
use gatelet_core::parts::Parts;
use gatelet_core::random::Random;
use gatelet_core::records::Records;
use gatelet_core::secrets::Secrets;
use gatelet_core::token::{KeyMaker, SecretCustody, Signer};
use url::Url;

use crate::error::Error;
use crate::records::Kept;
use crate::settings::Reader;
use crate::{SystemClock, SystemRandom};

/// The parts over one deployment's services.
pub(super) struct AzureParts {
    base_url: Url,
    records: Kept<TableRecords>,
    secrets: Arc<KeyVaultSecrets>,
    custody: SecretCustody,
    queue: StorageQueue,
    objects: BlobObjects,
}

impl AzureParts {
    /// Reads the settings. `None` when a mistake was noted.
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let base_url = reader.base_url();
        let settings = read_settings(reader);
        let Azure { records, secrets, queue, objects, .. } = match Azure::new(&settings) {
            Ok(azure) => azure,
            Err(error) => {
                reader.mistake("GATELET_*_URL", error.to_string());
                return None;
            }
        };
        let records = Kept::read(reader, records)?;
        let secrets = Arc::new(secrets);
        let vault = Arc::<KeyVaultSecrets>::clone(&secrets);
        let custody = SecretCustody::new(vault, Arc::new(SystemRandom));
        Some(Self { base_url: base_url?, records, secrets, custody, queue, objects })
    }

    /// Asks what must be known before the first request.
    pub(super) async fn check(&self) -> Result<(), Error> {
        self.records.check().await
    }
}

fn read_settings(reader: &mut Reader) -> Settings {
    Settings {
        tables_url: reader.required("GATELET_TABLES_URL", "the table service"),
        queues_url: reader.required("GATELET_QUEUES_URL", "the queue service"),
        blobs_url: reader.required("GATELET_BLOBS_URL", "the blob service"),
        vault_url: reader.required("GATELET_VAULT_URL", "the key vault"),
        identity: reader.optional("GATELET_IDENTITY"),
        table_prefix: reader.optional("GATELET_TABLE_PREFIX").unwrap_or_else(|| "gatelet".into()),
        queue: reader.optional("GATELET_QUEUE").unwrap_or_else(|| "runs".into()),
        container_prefix: reader.optional("GATELET_CONTAINER_PREFIX").unwrap_or_default(),
        secret_prefix: reader.optional("GATELET_SECRET_PREFIX").unwrap_or_default(),
        signing_key: "access-token".into(),
    }
}

impl Parts for AzureParts {
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
        &self.objects
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
