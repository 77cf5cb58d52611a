//! Signing keys, kept by KMS, which never lets go of their private halves.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::error::ProvideErrorMetadata as _;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec};
use gatelet_core::outage::Outage;
use gatelet_core::token::{KeyHandle, KeyMaker, RsaPublicKey, Sha256Digest, Signer};

use crate::account::Account;
use crate::fault::{Fault, unread};

const MISSING: &str = "NotFoundException";

/// Signs with keys in KMS, and makes them. A handle is a key's ARN.
pub struct KmsSigner {
    account: Arc<Account>,
}

/// KMS gave something that is no RSA key or no key at all.
#[derive(Debug, thiserror::Error)]
#[error("KMS answered without {0}")]
struct Incomplete(&'static str);

impl KmsSigner {
    /// All keys that this process may use.
    #[must_use]
    pub const fn new(account: Arc<Account>) -> Self {
        Self { account }
    }
}

#[async_trait]
impl Signer for KmsSigner {
    async fn sign(
        &self,
        key: &KeyHandle,
        digest: &Sha256Digest,
    ) -> Result<Option<Vec<u8>>, Outage> {
        const DOING: &str = "sign with a key in KMS";
        let call = self.account.kms().sign().key_id(key.as_str());
        let answer = call
            .message(Blob::new(digest.as_bytes()))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::RsassaPkcs1V15Sha256)
            .send()
            .await;
        match answer {
            Ok(output) => match output.signature {
                Some(signature) => Ok(Some(signature.into_inner())),
                None => Err(Outage::harmless(DOING, Incomplete("a signature"))),
            },
            Err(error) if error.code() == Some(MISSING) => Ok(None),
            Err(error) => Err(unread(DOING, &error)),
        }
    }

    async fn public_key(&self, key: &KeyHandle) -> Result<Option<RsaPublicKey>, Outage> {
        const DOING: &str = "read a public key from KMS";
        match self.account.kms().get_public_key().key_id(key.as_str()).send().await {
            Ok(output) => output
                .public_key
                .and_then(|der| from_spki(der.as_ref()))
                .map(Some)
                .ok_or_else(|| Outage::harmless(DOING, Incomplete("an RSA public key"))),
            Err(error) if error.code() == Some(MISSING) => Ok(None),
            Err(error) => Err(unread(DOING, &error)),
        }
    }
}

#[async_trait]
impl KeyMaker for KmsSigner {
    async fn make_key(&self) -> Result<KeyHandle, Outage> {
        const DOING: &str = "make a key in KMS";
        // Repeated blindly, a lost answer would leave a key behind that is paid for and never used.
        let once = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
        let call = self.account.kms().create_key().key_spec(KeySpec::Rsa2048);
        let output = call
            .key_usage(KeyUsageType::SignVerify)
            .description("Gatelet signing key")
            .customize()
            .config_override(once)
            .send()
            .await
            .map_err(|error| Fault::of(&error).into_outage(DOING))?;
        let arn = output.key_metadata.and_then(|key| key.arn);
        arn.map(KeyHandle::new).ok_or_else(|| Outage::uncertain(DOING, Incomplete("a key")))
    }
}

/// Reads a `SubjectPublicKeyInfo` (RFC 5280) that holds an RSA key.
fn from_spki(der: &[u8]) -> Option<RsaPublicKey> {
    let key = aws_lc_rs::rsa::PublicKey::from_der(der).ok()?;
    let (modulus, exponent) = (key.modulus(), key.exponent());
    Some(RsaPublicKey::new(
        modulus.big_endian_without_leading_zero(),
        exponent.big_endian_without_leading_zero(),
    ))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;

    use super::*;

    #[test]
    fn a_key_survives_its_way_through_der() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = pair.public_key().as_der().unwrap();
        let key = from_spki(der.as_ref()).unwrap();
        let random = aws_lc_rs::rand::SystemRandom::new();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, b"message", &mut signature)
            .unwrap();
        assert_eq!((key.bits(), key.e().as_str()), (2048, "AQAB"));
        assert!(key.verifies(b"message", &signature));
    }

    #[test]
    fn what_is_no_rsa_key_is_refused() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = pair.public_key().as_der().unwrap();
        let (shortened, _) = der.as_ref().split_at(der.as_ref().len() - 1);
        assert!(from_spki(shortened).is_none());
        assert!(from_spki(b"").is_none());
    }
}
