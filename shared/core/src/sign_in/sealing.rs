//! Sealing: what a browser carries for us while somebody signs in. It can neither read nor change it.
//!
//! AES-256-GCM under a secret of our own, with a random nonce. The purpose and the version of the secret are
//! bound into the seal, so that nothing sealed for one purpose opens for another. The moment at which it
//! becomes worthless stands inside.
//!
//! The form is `version.sealed`, the second half in base64url: nonce, ciphertext, tag.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::parts::Parts;
use crate::random::draw;
use crate::secrets::own::{OwnSecret, OwnSecrets};
use crate::secrets::{Secret, SecretVersion};

/// The longest sealed text, in bytes. With its name and attributes a cookie stays below the 4096 bytes that
/// browsers keep (RFC 6265bis §5.6).
pub const LONGEST_SEALED: usize = 3800;
/// How often a version that the process does not know is looked up. A stranger can name any version, and each
/// look costs a call to the vault.
const LOOKUP_EVERY: Duration = Duration::from_secs(1);
/// The longest version that a vault of ours names.
const LONGEST_VERSION: usize = 64;

/// What something is sealed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A sign-in that waits for its provider's answer.
    Pending,
    /// A sign-in that waits for the person to name a tenant.
    Choice,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Choice => "choice",
        }
    }
}

/// Seals and opens.
pub struct Sealer<'a> {
    parts: &'a Parts,
}

/// When this process last asked the vault for a version that it did not know.
#[derive(Default)]
pub struct Lookups(Mutex<Option<Timestamp>>);

/// Why something was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum NotSealed {
    /// The vault is away.
    #[error(transparent)]
    Outage(#[from] Outage),
    /// It is longer than a cookie may be.
    #[error("it is too long to be sealed")]
    TooLong,
}

/// Why something was not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The vault is away, or was asked too often: whether it is ours is not known.
    #[error(transparent)]
    Outage(#[from] Outage),
    /// It is not ours, not for this purpose, or was changed.
    #[error("it was not sealed here")]
    Foreign,
    /// It is ours, and too old.
    #[error("its time is over")]
    Expired,
}

#[derive(Serialize)]
struct Content<'a, T> {
    until_ms: u64,
    value: &'a T,
}

#[derive(Deserialize)]
struct Opened<T> {
    until_ms: u64,
    value: T,
}

impl<'a> Sealer<'a> {
    /// With the secrets of these parts.
    #[must_use]
    pub const fn new(parts: &'a Parts) -> Self {
        Self { parts }
    }

    /// Seals a value that is worthless from `until` on.
    pub async fn seal<T: Serialize + Sync>(
        &self,
        purpose: Purpose,
        value: &T,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<String, NotSealed> {
        let secret = self.secrets().current(OwnSecret::LoginSealing, now).await?;
        let content = Content { until_ms: until.millis(), value };
        let plain = serde_json::to_vec(&content)
            .map_err(|error| Outage::harmless("write what is to be sealed", error))?;
        let mut bytes = Zeroizing::new(plain);
        let nonce = draw::<NONCE_LEN>(&*self.parts.random);
        let version = secret.version.as_str();
        cipher(&secret)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound(purpose, version)),
                &mut *bytes,
            )
            .map_err(|error| Outage::harmless("seal", error))?;
        let sealed = [&nonce[..], bytes.as_slice()].concat();
        let text = format!("{version}.{}", URL_SAFE_NO_PAD.encode(sealed));
        if text.len() > LONGEST_SEALED { Err(NotSealed::TooLong) } else { Ok(text) }
    }

    /// Opens what was sealed for this purpose.
    pub async fn open<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        text: &str,
        now: Timestamp,
    ) -> Result<T, NotOpened> {
        Ok(self.unseal(purpose, text, now).await?.value)
    }

    async fn unseal<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        text: &str,
        now: Timestamp,
    ) -> Result<Opened<T>, NotOpened> {
        let (version, sealed) = split(text).ok_or(NotOpened::Foreign)?;
        let secret = self.secret(&version, now).await?.ok_or(NotOpened::Foreign)?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOpened::Foreign)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened::Foreign)?;
        let mut bytes = Zeroizing::new(sealed.to_vec());
        let plain = cipher(&secret)?
            .open_in_place(nonce, Aad::from(bound(purpose, version.as_str())), &mut bytes)
            .map_err(|_| NotOpened::Foreign)?;
        let opened: Opened<T> = serde_json::from_slice(plain).map_err(|_| NotOpened::Foreign)?;
        if now.millis() >= opened.until_ms { Err(NotOpened::Expired) } else { Ok(opened) }
    }

    /// Until when a text is worth something that was sealed for this purpose.
    pub async fn until(
        &self,
        purpose: Purpose,
        text: &str,
        now: Timestamp,
    ) -> Result<Timestamp, NotOpened> {
        let opened = self.unseal::<IgnoredAny>(purpose, text, now).await?;
        Ok(Timestamp::from_millis(opened.until_ms))
    }

    fn secrets(&self) -> OwnSecrets<'a> {
        OwnSecrets::new(&*self.parts.secrets, &self.parts.memory.own_secrets)
    }

    /// The secret of a version that a stranger may have named. One that the process knows costs nothing; one
    /// that it does not know is looked up, unless another was a moment ago.
    async fn secret(
        &self,
        version: &SecretVersion,
        now: Timestamp,
    ) -> Result<Option<Arc<Secret>>, Outage> {
        let secrets = self.secrets();
        let known = secrets.known(OwnSecret::LoginSealing, version);
        if known.is_some() {
            return Ok(known);
        }
        if !self.parts.memory.lookups.allow(now) {
            let cause = "another unknown version was looked up a moment ago";
            return Err(Outage::harmless("look up a sealing key", cause));
        }
        secrets.version(OwnSecret::LoginSealing, version).await
    }
}

impl Lookups {
    fn allow(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let allowed = last.is_none_or(|last| now.since(last) >= LOOKUP_EVERY || last > now);
        if allowed {
            *last = Some(now);
        }
        allowed
    }
}

fn cipher(secret: &Secret) -> Result<LessSafeKey, Outage> {
    let key = UnboundKey::new(&AES_256_GCM, secret.value.expose())
        .map_err(|error| Outage::harmless("use a sealing key", error))?;
    Ok(LessSafeKey::new(key))
}

fn bound(purpose: Purpose, version: &str) -> String {
    format!("gatelet sign-in\0{}\0{version}", purpose.name())
}

/// Version and sealed bytes of a text in the one form that we write.
fn split(text: &str) -> Option<(SecretVersion, Vec<u8>)> {
    if text.len() > LONGEST_SEALED {
        return None;
    }
    let (version, sealed) = text.split_once('.')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let fits = (1..=LONGEST_VERSION).contains(&version.len()) && version.bytes().all(plain);
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    fits.then(|| (SecretVersion::new(version), sealed))
}
