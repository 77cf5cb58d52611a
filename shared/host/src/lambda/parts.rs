//! The parts on AWS, each built at its first use.

use std::sync::{Arc, OnceLock};

use gatelet_aws::{Account, DynamoRecords, S3Objects, SecretsManagerSecrets, Settings, SqsQueue};
use gatelet_core::automation::Queue;
use gatelet_core::clock::Clock;
use gatelet_core::objects::Objects;
use gatelet_core::parts::Parts;
use gatelet_core::random::Random;
use gatelet_core::records::Records;
use gatelet_core::secrets::{SecretBytes, Secrets};
use gatelet_core::token::{KeyMaker, SecretCustody, Signer};
use url::Url;

use crate::error::Error;
use crate::records::Kept;
use crate::settings::Reader;
use crate::uses::{Undeclared, Use};
use crate::{SystemClock, SystemRandom};

/// The parts over one AWS account.
pub(super) struct AwsParts {
    account: Arc<Account>,
    base_url: Url,
    secret_prefix: String,
    records: Kept<DynamoRecords>,
    queue: Box<dyn Queue>,
    objects: Box<dyn Objects>,
    secrets: OnceLock<Arc<SecretsManagerSecrets>>,
    custody: OnceLock<SecretCustody>,
}

impl AwsParts {
    /// Reads the settings. `None` when a mistake was noted.
    pub(super) fn read(reader: &mut Reader, uses: &[Use]) -> Option<Self> {
        let base_url = reader.base_url();
        let table_prefix = reader.required("GATELET_TABLE_PREFIX", "such as gatelet-");
        let secret_prefix = reader.required("GATELET_SECRET_PREFIX", "such as gatelet/");
        let queue_url = uses
            .contains(&Use::Queue)
            .then(|| reader.required("GATELET_QUEUE_URL", "the queue of runs"));
        let buckets = uses.contains(&Use::Objects).then(|| {
            let sealed = reader.required("GATELET_SEALED_BUCKET", "the bucket of sealed objects");
            (sealed, reader.required("GATELET_FILES_BUCKET", "the bucket of files"))
        });
        let account = read_account(reader)?;
        let records = DynamoRecords::new(Arc::clone(&account), table_prefix);
        let records = Kept::read(reader, records)?;
        Some(Self {
            base_url: base_url?,
            secret_prefix,
            records,
            queue: queue(&account, queue_url),
            objects: objects(&account, buckets),
            account,
            secrets: OnceLock::new(),
            custody: OnceLock::new(),
        })
    }

    /// Asks what must be known before the first request.
    pub(super) async fn check(&self) -> Result<(), Error> {
        self.records.check().await
    }

    fn vault(&self) -> &Arc<SecretsManagerSecrets> {
        self.secrets.get_or_init(|| {
            let prefix = self.secret_prefix.as_str();
            Arc::new(SecretsManagerSecrets::new(Arc::clone(&self.account), prefix))
        })
    }

    fn custody(&self) -> &SecretCustody {
        self.custody.get_or_init(|| {
            let vault = Arc::<SecretsManagerSecrets>::clone(self.vault());
            SecretCustody::new(vault, Arc::new(SystemRandom))
        })
    }
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

fn queue(account: &Arc<Account>, url: Option<String>) -> Box<dyn Queue> {
    match url {
        Some(url) => Box::new(SqsQueue::new(Arc::clone(account), url)),
        None => Box::new(Undeclared),
    }
}

fn objects(account: &Arc<Account>, buckets: Option<(String, String)>) -> Box<dyn Objects> {
    match buckets {
        Some((sealed, files)) => Box::new(S3Objects::new(Arc::clone(account), sealed, files)),
        None => Box::new(Undeclared),
    }
}

impl Parts for AwsParts {
    fn records(&self) -> &dyn Records {
        &self.records
    }

    fn secrets(&self) -> &dyn Secrets {
        &**self.vault()
    }

    fn signer(&self) -> &dyn Signer {
        self.custody()
    }

    fn key_maker(&self) -> &dyn KeyMaker {
        self.custody()
    }

    fn queue(&self) -> &dyn Queue {
        &*self.queue
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
