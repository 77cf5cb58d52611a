//! The key that ID tokens are signed with. It is kept, so that a restart does not outdate what the gateway knows.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::outage::Outage;
use gatelet_core::random::Random;
use gatelet_core::secrets::{SecretBytes, Secrets};
use gatelet_core::token::{KeyHandle, RsaPublicKey, SecretCustody, Sha256Digest, Signer as _};
use serde_json::{Value, json};

use super::named;

/// The key's name in the vault.
const NAME: &str = "pocket-signing-key";

/// An RSA key of 2048 bits.
pub(super) struct PocketKey {
    custody: SecretCustody,
    handle: KeyHandle,
    public: RsaPublicKey,
}

impl PocketKey {
    /// The key in the vault, which is made at the first start.
    pub(super) async fn open(
        secrets: Arc<dyn Secrets>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Outage> {
        let name = named(NAME)?;
        if secrets.facts(&name).await?.is_none() {
            let made = tokio::task::spawn_blocking(make).await;
            let pkcs8 = made
                .map_err(|error| Outage::harmless("make the pocket provider's key", error))?
                .map_err(|error| Outage::harmless("make the pocket provider's key", error))?;
            secrets.put(&name, &pkcs8).await?;
        }
        let custody = SecretCustody::new(secrets, random);
        let handle = KeyHandle::new(NAME);
        let public = custody.public_key(&handle).await?.ok_or_else(lost)?;
        Ok(Self { custody, handle, public })
    }

    /// The public half as the one member of a key set (RFC 7517 §5).
    pub(super) fn jwks(&self) -> Value {
        let (n, e) = (self.public.n(), self.public.e());
        let kid = self.public.thumbprint();
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid.as_str(), "n": n, "e": e }
        ] })
    }

    /// Claims as a signed token.
    pub(super) async fn sign(&self, claims: &Value) -> Result<String, Outage> {
        let kid = self.public.thumbprint();
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": kid.as_str() });
        let [header, claims] =
            [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let digest = Sha256Digest::of(message.as_bytes());
        let signature = self.custody.sign(&self.handle, &digest).await?.ok_or_else(lost)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn lost() -> Outage {
    Outage::harmless("use the pocket provider's key", "it is no longer in the vault")
}

fn make() -> Result<SecretBytes, aws_lc_rs::error::Unspecified> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let der: Pkcs8V1Der<'_> = pair.as_der()?;
    Ok(SecretBytes::new(der.as_ref().to_vec()))
}
