//! The ports, kept by Azure: Table storage, Storage queues, Blob storage, Key Vault and Functions.
//!
//! **Invariant:** nothing here reads the environment or the machine's clock. **Invariant:** no request that
//! writes is ever repeated by itself; what became of it is said with
//! [`Effect`](gatelet_core::outage::Effect).

mod access;
mod azure;
mod document;
mod failure;
mod invoke;
mod objects;
mod queue;
mod tables;
mod vault;

pub use self::access::{Access, BadCertificate, ManagedIdentity, Timeouts, http_client};
pub use self::azure::{Azure, BadSettings, Settings};
pub use self::document::BlobDocument;
pub use self::invoke::FunctionInvoke;
pub use self::objects::BlobObjects;
pub use self::queue::StorageQueue;
pub use self::tables::TableRecords;
pub use self::vault::{KeyVaultKeyMaker, KeyVaultSecrets, KeyVaultSigner};
