//! The ports that sign and that make keys. Two of them, because the identity that uses a key must not need
//! the right to make one.

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};

use super::public_key::RsaPublicKey;
use crate::outage::Outage;

/// Signs digests with RS256 (RFC 7518 §3.3). The private half may never leave its hardware.
#[async_trait]
pub trait Signer: Send + Sync {
    /// Signs a digest; `None` when there is no such key.
    async fn sign(&self, key: &KeyHandle, digest: &Sha256Digest)
    -> Result<Option<Vec<u8>>, Outage>;

    /// The public half; `None` when there is no such key.
    async fn public_key(&self, key: &KeyHandle) -> Result<Option<RsaPublicKey>, Outage>;
}

/// Makes keys for a [`Signer`] of the same custody.
#[async_trait]
pub trait KeyMaker: Send + Sync {
    /// Makes an RSA key of 2048 bits. A key whose making was interrupted is never used and harms nobody.
    async fn make_key(&self) -> Result<KeyHandle, Outage>;
}

/// What a custody calls one of its keys: a secret's name, an ARN, a key and version. Not a `kid`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyHandle(String);

impl KeyHandle {
    /// From what the custody said.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The handle as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A SHA-256 digest, so that no signer can be handed a message by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// Digests a message.
    #[must_use]
    pub fn of(message: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, message).as_ref());
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
