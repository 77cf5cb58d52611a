//! The parts on Azure. Their clients are built at the start, which costs next to nothing; connections and
//! tokens wait for the first use.

use std::sync::Arc;

use gatelet_azure::{
    Access, Azure, BlobObjects, KeyVaultSecrets, ManagedIdentity, Settings, StorageQueue,
    TableRecords, Timeouts, http_client,
};
use gatelet_core::automation::Queue;
use gatelet_core::clock::Clock;
use gatelet_core::objects::Objects;
use gatelet_core::parts::Parts;
use gatelet_core::random::Random;
use gatelet_core::records::Records;
use gatelet_core::secrets::Secrets;
use gatelet_core::token::{KeyMaker, SecretCustody, Signer};
use gatelet_redis::RedisRecords;
use url::Url;

use crate::records::Divided;
use crate::settings::Reader;
use crate::{SystemClock, SystemRandom};

/// The parts over one deployment's services.
pub(super) struct AzureParts {
    base_url: Url,
    records: Box<dyn Records>,
    secrets: Arc<KeyVaultSecrets>,
    custody: SecretCustody,
    queue: StorageQueue,
    objects: BlobObjects,
}

impl AzureParts {
    /// Reads the settings. `None` when a mistake was noted.
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let base_url = reader.base_url();
        let redis_url = reader.optional_url("GATELET_REDIS_URL");
        let settings = read_settings(reader);
        let Azure { records, secrets, queue, objects, .. } = match connect(&settings) {
            Ok(azure) => azure,
            Err(error) => {
                reader.mistake("GATELET_*_URL", error.to_string());
                return None;
            }
        };
        let records = divide(reader, redis_url, records)?;
        let secrets = Arc::new(secrets);
        let vault = Arc::<KeyVaultSecrets>::clone(&secrets);
        let custody = SecretCustody::new(vault, Arc::new(SystemRandom));
        Some(Self { base_url: base_url?, records, secrets, custody, queue, objects })
    }
}

fn read_settings(reader: &mut Reader) -> Settings {
    Settings {
        tables_url: reader.required("GATELET_TABLES_URL", "the table service"),
        queues_url: reader.required("GATELET_QUEUES_URL", "the queue service"),
        blobs_url: reader.required("GATELET_BLOBS_URL", "the blob service"),
        vault_url: reader.required("GATELET_VAULT_URL", "the key vault"),
        identity: reader.optional("GATELET_IDENTITY"),
        table_prefix: "gatelet".into(),
        queue: "runs".into(),
        container_prefix: String::new(),
        secret_prefix: String::new(),
        signing_key: "access-token".into(),
    }
}

fn connect(settings: &Settings) -> Result<Azure, gatelet_azure::BadAddress> {
    let http = Arc::new(http_client(Timeouts::default(), None)?);
    let identity = ManagedIdentity::new(Arc::clone(&http), settings.identity.clone());
    let access = Access::new(http, Arc::new(identity));
    // A vault on this very machine is an emulator, whose name a vault's usual check would refuse.
    let vault = Url::parse(&settings.vault_url).ok();
    let emulated = vault.is_some_and(|url| url.host_str() == Some("localhost"));
    let access = if emulated { access.with_a_vault_of_any_domain() } else { access };
    Azure::with_access(settings, &access)
}

fn divide(
    reader: &mut Reader,
    redis_url: Option<Url>,
    rest: TableRecords,
) -> Option<Box<dyn Records>> {
    let Some(url) = redis_url else { return Some(Box::new(rest)) };
    match RedisRecords::new(&url) {
        Ok(identity) => Some(Box::new(Divided { identity, rest })),
        Err(error) => {
            reader.mistake("GATELET_REDIS_URL", error.to_string());
            None
        }
    }
}

impl Parts for AzureParts {
    fn records(&self) -> &dyn Records {
        &*self.records
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
