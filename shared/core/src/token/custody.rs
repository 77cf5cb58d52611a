//! Signing keys kept as secrets: the default custody. The private half is read once per process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use super::{KeyHandle, KeyMaker, RsaPublicKey, Sha256Digest, Signer};
use crate::outage::Outage;
use crate::random::{Random, draw};
use crate::secrets::{SecretBytes, SecretName, Secrets};

/// Signs with keys that lie in [`Secrets`] as PKCS#8, each under a name of its own. A key is parsed at its
/// first use, because parsing costs more than signing.
pub struct SecretCustody {
    secrets: Arc<dyn Secrets>,
    random: Arc<dyn Random>,
    parsed: Mutex<HashMap<KeyHandle, Arc<RsaKeyPair>>>,
}

impl SecretCustody {
    /// Over a vault.
    pub fn new(secrets: Arc<dyn Secrets>, random: Arc<dyn Random>) -> Self {
        Self { secrets, random, parsed: Mutex::default() }
    }

    async fn key_pair(&self, handle: &KeyHandle) -> Result<Option<Arc<RsaKeyPair>>, Outage> {
        let known = self.parsed.lock().unwrap_or_else(PoisonError::into_inner).get(handle).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Ok(name) = SecretName::new(handle.as_str()) else { return Ok(None) };
        let Some(secret) = self.secrets.current(&name).await? else { return Ok(None) };
        let pair = RsaKeyPair::from_pkcs8(secret.value.expose())
            .map_err(|rejected| Outage::harmless("parse a signing key", rejected))?;
        Ok(Some(self.keep(handle, pair)))
    }

    fn keep(&self, handle: &KeyHandle, pair: RsaKeyPair) -> Arc<RsaKeyPair> {
        let pair = Arc::new(pair);
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        parsed.insert(handle.clone(), Arc::clone(&pair));
        pair
    }
}

#[async_trait]
impl Signer for SecretCustody {
    async fn sign(
        &self,
        key: &KeyHandle,
        digest: &Sha256Digest,
    ) -> Result<Option<Vec<u8>>, Outage> {
        let Some(pair) = self.key_pair(key).await? else { return Ok(None) };
        let digest = Digest::import_less_safe(digest.as_bytes(), &SHA256)
            .map_err(|refused| Outage::harmless("take a digest", refused))?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)
            .map_err(|refused| Outage::harmless("sign a digest", refused))?;
        Ok(Some(signature))
    }

    async fn public_key(&self, key: &KeyHandle) -> Result<Option<RsaPublicKey>, Outage> {
        let pair = self.key_pair(key).await?;
        Ok(pair.map(|pair| {
            let public = pair.public_key();
            RsaPublicKey::new(
                public.modulus().big_endian_without_leading_zero(),
                public.exponent().big_endian_without_leading_zero(),
            )
        }))
    }
}

#[async_trait]
impl KeyMaker for SecretCustody {
    async fn make_key(&self) -> Result<KeyHandle, Outage> {
        let (pair, pkcs8) =
            new_pair().map_err(|refused| Outage::harmless("make an RSA key", refused))?;
        let handle = format!("signing-key-{}", hex::encode(draw::<16>(self.random.as_ref())));
        let name = SecretName::new(handle.as_str())
            .map_err(|refused| Outage::harmless("name a signing key", refused))?;
        self.secrets.put(&name, &pkcs8).await?;
        // Whoever makes keys may have no right to read them, and needs the public half next.
        let handle = KeyHandle::new(handle);
        self.keep(&handle, pair);
        Ok(handle)
    }
}

fn new_pair() -> Result<(RsaKeyPair, SecretBytes), aws_lc_rs::error::Unspecified> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let der: Pkcs8V1Der<'_> = pair.as_der()?;
    let pkcs8 = SecretBytes::new(der.as_ref().to_vec());
    Ok((pair, pkcs8))
}
