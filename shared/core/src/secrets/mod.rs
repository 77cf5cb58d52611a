//! Secrets: values that can be used but not shown, and the port that keeps them in versions.

pub mod own;

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::outage::Outage;

/// Bytes that must not leak. They can be neither printed, cloned nor serialised, and are wiped on drop.
///
/// ```compile_fail,E0599
/// let secret = gatelet_core::secrets::SecretBytes::new(vec![1, 2, 3]);
/// let copy = secret.clone();
/// ```
///
/// ```
/// let secret = gatelet_core::secrets::SecretBytes::new(vec![1, 2, 3]);
/// assert_eq!(format!("{secret:?}"), "SecretBytes(..)");
/// ```
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Lends the bytes to the code that must have them: a cipher, a signer, the call to a vault.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

/// Keeps secrets in versions. The two newest versions of a secret are always there, unless the older one was
/// disabled; what is older may be gone. `Ok(None)` means that there is no such secret or version.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The newest value.
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage>;

    /// The value of one version; `None` also for a version that was disabled.
    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage>;

    /// Adds a version, which is the current one from then on. The first put creates the secret.
    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage>;

    /// Makes an older version unreadable for good. Disabling twice, or what does not exist, is fine.
    async fn disable(&self, name: &SecretName, version: &SecretVersion)
    -> Result<Disabled, Outage>;

    /// What is known about a secret without reading its value, newest version first.
    async fn facts(&self, name: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage>;
}

/// A value and the version it was stored under.
#[derive(Debug)]
pub struct Secret {
    /// Which version this is.
    pub version: SecretVersion,
    /// The value.
    pub value: SecretBytes,
}

/// What came of [`Secrets::disable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the current version stays readable"]
pub enum Disabled {
    /// Nobody can read the version any more.
    Yes,
    /// It is the current version. Its successor must be put first.
    StillCurrent,
}

/// One version, described without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFacts {
    /// Which version.
    pub version: SecretVersion,
    /// When it was put, by the store's clock, to the second at least.
    pub created_at: Timestamp,
    /// Whether it can be read.
    pub enabled: bool,
}

/// A secret's name: 1 to 100 characters of `a-z 0-9 -`, beginning with a letter. Vaults agree on no more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretName(String);

/// A name that not every vault would keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret's name must be 1 to 100 characters of a-z 0-9 - and begin with a letter")]
pub struct BadSecretName;

impl SecretName {
    /// Checks and takes a name.
    pub fn new(text: impl Into<String>) -> Result<Self, BadSecretName> {
        let text = text.into();
        let letters =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if begins && letters && text.len() <= 100 { Ok(Self(text)) } else { Err(BadSecretName) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A vault's own name for one version. It says nothing about the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretVersion(String);

impl SecretVersion {
    /// From what the vault said.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::SecretBytes;
    use crate::session::SessionKey;

    /// Holds for every type once, and for a type that can be compared a second time: then the compiler does not
    /// know which is meant.
    trait Incomparable<Which> {
        fn hold() {}
    }
    impl<T> Incomparable<()> for T {}
    impl<T: PartialEq> Incomparable<bool> for T {}

    // Proves std 120.
    #[test]
    fn a_secret_cannot_be_compared_by_the_operator_that_stops_at_the_first_difference() {
        <SecretBytes as Incomparable<_>>::hold();
        <SessionKey as Incomparable<_>>::hold();
    }
}
