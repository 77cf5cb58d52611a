//! The parts on AWS. Clients, connections and keys wait for the first use.

use std::sync::Arc;

use gatelet_aws::{
    Account, DynamoRecords, LambdaInvoke, S3Document, S3Objects, SecretsManagerSecrets, Settings,
    SqsQueue,
};
use gatelet_core::automation::catalog::Catalog;
use gatelet_core::automation::channel::RemoteRunner;
use gatelet_core::automation::{NoRunner, Queue, Runner};
use gatelet_core::objects::Objects;
use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{LiveRegistry, RegistrySource};
use gatelet_core::secrets::SecretBytes;
use gatelet_core::token::SecretCustody;

use crate::desk::desk;
use crate::records::Kept;
use crate::settings::Reader;
use crate::uses::{Undeclared, Use};
use crate::web::HttpWeb;
use crate::{SystemClock, SystemRandom};

const REGISTRY: &str = "GATELET_REGISTRY";

/// Reads the settings: the parts, and their records to be checked at the start. `None` when a mistake was noted.
pub(super) fn read(reader: &mut Reader, uses: &[Use]) -> Option<(Parts, Arc<Kept<DynamoRecords>>)> {
    let base_url = reader.base_url();
    let table_prefix = reader.required("GATELET_TABLE_PREFIX", "such as gatelet-");
    let secret_prefix = reader.required("GATELET_SECRET_PREFIX", "such as gatelet/");
    let queue_url = uses
        .iter()
        .any(|one| matches!(one, Use::Queue))
        .then(|| reader.required("GATELET_QUEUE_URL", "the queue of runs"));
    let buckets = uses.iter().any(|one| matches!(one, Use::Objects)).then(|| {
        let sealed = reader.required("GATELET_SEALED_BUCKET", "the bucket of sealed objects");
        (sealed, reader.required("GATELET_FILES_BUCKET", "the bucket of files"))
    });
    let registry = uses
        .iter()
        .any(|one| matches!(one, Use::Registry))
        .then(|| reader.required(REGISTRY, "where the registry lies, such as s3://bucket/key"));
    let runner = uses
        .iter()
        .any(|one| matches!(one, Use::Runner))
        .then(|| reader.required("GATELET_RUNNER", "the function that runs scripts"));
    let account = read_account(reader)?;
    let records = DynamoRecords::new(Arc::clone(&account), table_prefix);
    let records = Arc::new(Kept::read(reader, records)?);
    let secrets = Arc::new(SecretsManagerSecrets::new(Arc::clone(&account), secret_prefix));
    let vault = Arc::<SecretsManagerSecrets>::clone(&secrets);
    let custody = Arc::new(SecretCustody::new(vault, Arc::new(SystemRandom)));
    let (base_url, registry) = (base_url?, registry_source(reader, &account, registry)?);
    let runner: Arc<dyn Runner> = match runner {
        Some(function) => Arc::new(RemoteRunner::new(
            LambdaInvoke::new(Arc::clone(&account), function),
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
        queue: queue(&account, queue_url),
        objects: objects(&account, buckets),
        web: Arc::new(HttpWeb::strict()),
        registry: LiveRegistry::new(registry, base_url.clone()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        base_url,
        automations: Automations { catalog: catalog(uses), runner },
        memory: Memory::default(),
    };
    Some((parts, records))
}

fn catalog(uses: &[Use]) -> Arc<Catalog> {
    let named = uses.iter().find_map(|one| match one {
        Use::Catalog(make) => Some(make()),
        _ => None,
    });
    Arc::new(named.unwrap_or_default())
}

/// Lambda puts the role's credentials into the environment, and replaces the process before they end.
fn read_account(reader: &mut Reader) -> Option<Arc<Account>> {
    let secret = |text: String| SecretBytes::new(text.into_bytes());
    let settings = Settings {
        region: reader.required("AWS_REGION", "Lambda sets it"),
        endpoint: reader.optional_url("AWS_ENDPOINT_URL"),
        access_key_id: reader.required("AWS_ACCESS_KEY_ID", "Lambda sets it"),
        secret_access_key: secret(reader.required("AWS_SECRET_ACCESS_KEY", "Lambda sets it")),
        session_token: reader.optional("AWS_SESSION_TOKEN").map(secret),
    };
    // All that it refuses was noted above as missing.
    Account::new(settings).ok().map(Arc::new)
}

fn registry_source(
    reader: &mut Reader,
    account: &Arc<Account>,
    address: Option<String>,
) -> Option<Arc<dyn RegistrySource>> {
    match address.map(|address| S3Document::new(Arc::clone(account), &address)) {
        None => Some(Arc::new(Undeclared)),
        Some(Ok(document)) => Some(Arc::new(document)),
        Some(Err(bad)) => {
            reader.mistake(REGISTRY, bad.to_string());
            None
        }
    }
}

fn queue(account: &Arc<Account>, url: Option<String>) -> Arc<dyn Queue> {
    match url {
        Some(url) => Arc::new(SqsQueue::new(Arc::clone(account), url)),
        None => Arc::new(Undeclared),
    }
}

fn objects(account: &Arc<Account>, buckets: Option<(String, String)>) -> Arc<dyn Objects> {
    match buckets {
        Some((sealed, files)) => Arc::new(S3Objects::new(Arc::clone(account), sealed, files)),
        None => Arc::new(Undeclared),
    }
}
