//! The parts on Azure. Their clients are built at the start, which costs next to nothing; connections and
//! tokens wait for the first use.

use std::sync::Arc;

use gatelet_azure::{Azure, FunctionInvoke, KeyVaultSecrets, Settings, TableRecords};
use gatelet_core::automation::catalog::Catalog;
use gatelet_core::automation::channel::RemoteRunner;
use gatelet_core::automation::{NoRunner, Runner};
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{LiveRegistry, RegistrySource};
use gatelet_core::token::SecretCustody;

use crate::desk::desk;
use crate::records::Kept;
use crate::settings::Reader;
use crate::uses::Undeclared;
use crate::web::HttpWeb;
use crate::{SystemClock, SystemRandom};

/// Reads the settings: the parts, and their records to be checked at the start. `None` when a mistake was noted.
/// Only an app that works on runs has a runner.
pub(super) fn read(
    reader: &mut Reader,
    catalog: Catalog,
    works: bool,
) -> Option<(Parts, Arc<Kept<TableRecords>>)> {
    let base_url = reader.base_url();
    let settings = read_settings(reader);
    let invoke = works.then(|| read_runner(reader, settings.identity.clone()));
    let Azure { records, secrets, queue, objects, registry, .. } = match Azure::new(&settings) {
        Ok(azure) => azure,
        Err(error) => {
            reader.mistake("GATELET_*_URL", error.to_string());
            return None;
        }
    };
    let records = Arc::new(Kept::read(reader, records)?);
    let secrets = Arc::new(secrets);
    let vault = Arc::<KeyVaultSecrets>::clone(&secrets);
    let custody = Arc::new(SecretCustody::new(vault, Arc::new(SystemRandom)));
    let base_url = base_url?;
    let registry: Arc<dyn RegistrySource> = match registry {
        Some(document) => Arc::new(document),
        None => Arc::new(Undeclared),
    };
    let runner: Arc<dyn Runner> = match invoke {
        Some(invoke) => Arc::new(RemoteRunner::new(
            invoke?,
            desk(Arc::<Kept<_>>::clone(&records)),
            base_url.clone(),
        )),
        None => Arc::new(NoRunner),
    };
    let parts = Parts {
        records: Arc::<Kept<_>>::clone(&records),
        secrets,
        signer: Arc::<SecretCustody>::clone(&custody),
        key_maker: custody,
        queue: Arc::new(queue),
        objects: Arc::new(objects),
        web: Arc::new(HttpWeb::strict()),
        registry: LiveRegistry::new(registry, base_url.clone()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        base_url,
        automations: Automations { catalog: Arc::new(catalog), runner },
        memory: Memory::default(),
    };
    Some((parts, records))
}

/// The way to the app that runs scripts, which takes a token of ours and nobody else's.
fn read_runner(reader: &mut Reader, identity: Option<String>) -> Option<FunctionInvoke> {
    let name = "GATELET_RUNNER";
    let address = reader.required_url(name, "the address of the function that runs scripts");
    let scope = reader.required("GATELET_RUNNER_SCOPE", "whom its tokens are for");
    let address = address?;
    if address.scheme() != "https" {
        reader.mistake(name, "must be https".into());
        return None;
    }
    let invoke = FunctionInvoke::new(address, &scope, identity);
    invoke.map_err(|error| reader.mistake(name, error.to_string())).ok()
}

fn read_settings(reader: &mut Reader) -> Settings {
    let registry = reader.required("GATELET_REGISTRY", "the registry's blob");
    Settings {
        tables_url: reader.required("GATELET_TABLES_URL", "the table service"),
        queues_url: reader.required("GATELET_QUEUES_URL", "the queue service"),
        blobs_url: reader.required("GATELET_BLOBS_URL", "the blob service"),
        vault_url: reader.required("GATELET_VAULT_URL", "the key vault"),
        identity: reader.optional("GATELET_IDENTITY"),
        table_prefix: reader.optional("GATELET_TABLE_PREFIX").unwrap_or_else(|| "gatelet".into()),
        queue: reader.optional("GATELET_QUEUE").unwrap_or_else(|| "runs".into()),
        container_prefix: reader.optional("GATELET_CONTAINER_PREFIX").unwrap_or_default(),
        registry: Some(registry).filter(|address| !address.is_empty()),
        secret_prefix: reader.optional("GATELET_SECRET_PREFIX").unwrap_or_default(),
        signing_key: "access-token".into(),
    }
}
