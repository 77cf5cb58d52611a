//! Connections: a tenant's ways into its own clouds, and the credential that one run gets from one.

mod broker;
mod kinds;

use std::collections::BTreeMap;

pub use self::broker::{Broker, NoCredential};
pub use self::kinds::{KINDS, KindFacts, facts};
use crate::clock::Timestamp;
use crate::secrets::{SecretBytes, SecretName};

/// A way into a cloud. What is secret about it stands in the vault and is only named here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its name in the tenant.
    pub name: String,
    /// What kind of cloud, and which way: `aws`, `azure`, `salesforce`.
    pub kind: String,
    /// Where the secret lies, if there is one.
    pub secret: Option<SecretName>,
    /// What is not secret: an account, a directory, an address.
    pub settings: BTreeMap<String, String>,
}

/// What one run gets from a connection, and nobody else. It is never kept from one run to the next.
#[derive(Debug)]
pub struct Credential {
    /// What is not secret, as the script finds it.
    pub plain: BTreeMap<String, String>,
    /// What is secret, by the name under which the script finds it. Each value is removed from every output.
    pub secret: BTreeMap<String, SecretBytes>,
    /// When it ends by itself, if it does. Until then nobody can be sure that an attempt that was lost does nothing more.
    pub ends_at: Option<Timestamp>,
}
