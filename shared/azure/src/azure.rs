//! All adapters of one deployment: where its services are, and the parts that speak to them.

use std::sync::Arc;

use url::Url;

use crate::access::{Access, BadCertificate, ManagedIdentity, Timeouts, http_client};
use crate::document::BlobDocument;
use crate::objects::BlobObjects;
use crate::queue::StorageQueue;
use crate::tables::TableRecords;
use crate::vault::{KeyVaultKeyMaker, KeyVaultSecrets, KeyVaultSigner};

/// What the host read from its settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The table service, such as `https://account.table.core.windows.net`.
    pub tables_url: String,
    /// The queue service, such as `https://account.queue.core.windows.net`.
    pub queues_url: String,
    /// The blob service, such as `https://account.blob.core.windows.net`.
    pub blobs_url: String,
    /// The vault, such as `https://name.vault.azure.net`.
    pub vault_url: String,
    /// What the tables' names begin with: letters and digits, a letter first.
    pub table_prefix: String,
    /// The name of the queue to the worker.
    pub queue: String,
    /// What the containers' names begin with; may be empty.
    pub container_prefix: String,
    /// The blob that holds the registry, at its whole address; `None` where nothing reads it.
    pub registry: Option<String>,
    /// What the secrets' names begin with; may be empty.
    pub secret_prefix: String,
    /// The name of the key whose versions sign access tokens.
    pub signing_key: String,
    /// The client id of the user-assigned identity; `None` for the system-assigned one.
    pub identity: Option<String>,
}

/// Settings that no adapter can be built from.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// Not an address that a token may be sent to.
    #[error("{setting} is not an https address")]
    NotHttps {
        /// Which of the [`Settings`].
        setting: &'static str,
    },
    /// Tokens for our own blobs would travel there.
    #[error("the registry is no blob in a container of the blob service")]
    NotOurBlob,
    /// The SDK does not take the address.
    #[error("could not use the address of a service")]
    Refused(#[from] azure_core::Error),
    /// TLS could not be set up.
    #[error(transparent)]
    Certificate(#[from] BadCertificate),
}

/// One deployment's services. Nothing is connected, and no identity asked for, before a part is used.
pub struct Azure {
    /// Table storage.
    pub records: TableRecords,
    /// The vault's secrets.
    pub secrets: KeyVaultSecrets,
    /// The vault's keys.
    pub signer: KeyVaultSigner,
    /// New keys in the vault.
    pub key_maker: KeyVaultKeyMaker,
    /// The queue to the worker.
    pub queue: StorageQueue,
    /// Blob storage.
    pub objects: BlobObjects,
    /// The registry, where its address was given.
    pub registry: Option<BlobDocument>,
}

impl Azure {
    /// Speaks to these services in the name of the managed identity.
    pub fn new(settings: &Settings) -> Result<Self, BadSettings> {
        let http = Arc::new(http_client(Timeouts::default(), None)?);
        let identity = ManagedIdentity::new(http.clone(), settings.identity.clone());
        Self::with_access(settings, &Access::new(http, Arc::new(identity)))
    }

    /// Speaks to these services by a client and in the name of an identity that the caller chose.
    pub fn with_access(settings: &Settings, access: &Access) -> Result<Self, BadSettings> {
        let tables = address(&settings.tables_url, "the table service's address")?;
        let mut queue = address(&settings.queues_url, "the queue service's address")?;
        let blobs = address(&settings.blobs_url, "the blob service's address")?;
        let vault = address(&settings.vault_url, "the vault's address")?;
        queue.set_path(&format!("{}/{}", queue.path().trim_end_matches('/'), settings.queue));
        let registry = settings.registry.as_ref().map(|text| {
            let blob = blob_of(&blobs, text).ok_or(BadSettings::NotOurBlob)?;
            Ok::<_, BadSettings>(BlobDocument::new(access, &blobs, blob)?)
        });
        Ok(Self {
            records: TableRecords::new(access, tables, &settings.table_prefix),
            secrets: KeyVaultSecrets::new(access, &vault, &settings.secret_prefix)?,
            signer: KeyVaultSigner::new(access, &vault)?,
            key_maker: KeyVaultKeyMaker::new(access, &vault, &settings.signing_key)?,
            queue: StorageQueue::new(access, queue)?,
            objects: BlobObjects::new(access, &blobs, &settings.container_prefix)?,
            registry: registry.transpose()?,
        })
    }
}

fn address(text: &str, setting: &'static str) -> Result<Url, BadSettings> {
    match Url::parse(text) {
        Ok(mut url) if url.scheme() == "https" => {
            if let Ok(mut segments) = url.path_segments_mut() {
                segments.pop_if_empty();
            }
            Ok(url)
        }
        _ => Err(BadSettings::NotHttps { setting }),
    }
}

/// Container and name of a blob of this service.
fn blob_of<'a>(service: &Url, text: &'a str) -> Option<(&'a str, &'a str)> {
    let rest = text.strip_prefix(service.as_str().trim_end_matches('/'))?.strip_prefix('/')?;
    let (container, name) = rest.split_once('/')?;
    let plain = !container.is_empty() && !name.is_empty() && !rest.contains(['?', '#', '%']);
    plain.then_some((container, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let url = |service: &str| format!("https://account.{service}.core.windows.net/");
        Settings {
            tables_url: url("table"),
            queues_url: url("queue"),
            blobs_url: url("blob"),
            vault_url: "https://name.vault.azure.net/".to_owned(),
            table_prefix: "gatelet".to_owned(),
            queue: "runs".to_owned(),
            container_prefix: String::new(),
            registry: None,
            secret_prefix: String::new(),
            signing_key: "access-token".to_owned(),
            identity: None,
        }
    }

    #[test]
    fn all_parts_are_built_without_a_network_or_an_identity() {
        assert!(Azure::new(&settings()).is_ok());
    }

    #[test]
    fn a_token_is_never_sent_in_the_clear() {
        let spoils: [fn(&mut Settings, String); 4] = [
            |settings, text| settings.tables_url = text,
            |settings, text| settings.queues_url = text,
            |settings, text| settings.blobs_url = text,
            |settings, text| settings.vault_url = text,
        ];
        for spoil in spoils {
            for text in ["http://name.example", "name.example", ""] {
                let mut settings = settings();
                spoil(&mut settings, text.to_owned());
                let refused = Azure::new(&settings);
                assert!(matches!(refused, Err(BadSettings::NotHttps { .. })), "{text}");
            }
        }
    }

    #[test]
    fn the_registry_is_a_blob_of_our_own_service() {
        let service = Url::parse("https://account.blob.core.windows.net").unwrap();
        let of = |text| blob_of(&service, text);
        let good = "https://account.blob.core.windows.net/registry/eu/registry.toml";
        assert_eq!(of(good), Some(("registry", "eu/registry.toml")));
        for bad in [
            "",
            "https://account.blob.core.windows.net/registry",
            "https://account.blob.core.windows.net//registry.toml",
            "https://account.blob.core.windows.net.evil.example/a/b",
            "https://other.blob.core.windows.net/a/b",
            "http://account.blob.core.windows.net/a/b",
            "https://account.blob.core.windows.net/a/b?sig=x",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
