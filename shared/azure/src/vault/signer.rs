//! Signing keys in Key Vault. A key never leaves it; a handle is its name and version.

use async_trait::async_trait;
use azure_core::http::RequestContent;
use azure_security_keyvault_keys::models::{
    CreateKeyParameters, JsonWebKey, Key, KeyClientGetKeyOptions, KeyClientSignOptions,
    KeyOperation, KeyType, SignParameters, SignatureAlgorithm,
};
use azure_security_keyvault_keys::{KeyClient, KeyClientOptions, ResourceExt as _};
use gatelet_core::outage::Outage;
use gatelet_core::token::{KeyHandle, KeyMaker, RsaPublicKey, Sha256Digest, Signer};
use url::Url;

use super::{API_VERSION, is_missing, is_version};
use crate::access::Access;
use crate::failure;

/// Uses the keys of one vault.
pub struct KeyVaultSigner {
    client: KeyClient,
}

impl KeyVaultSigner {
    /// Signs in the vault at this address. Fails for an address that is none.
    pub fn new(access: &Access, vault: &Url) -> Result<Self, azure_core::Error> {
        Ok(Self { client: client(access, vault, access.reading())? })
    }
}

/// Makes keys in one vault: versions of one key, so that a permission can name it.
pub struct KeyVaultKeyMaker {
    client: KeyClient,
    name: String,
}

impl KeyVaultKeyMaker {
    /// Makes versions of the key of this name (letters, digits and hyphens) in the vault at this address.
    /// Fails for an address that is none.
    pub fn new(access: &Access, vault: &Url, name: &str) -> Result<Self, azure_core::Error> {
        Ok(Self { client: client(access, vault, access.writing())?, name: name.to_owned() })
    }
}

#[async_trait]
impl Signer for KeyVaultSigner {
    async fn sign(
        &self,
        key: &KeyHandle,
        digest: &Sha256Digest,
    ) -> Result<Option<Vec<u8>>, Outage> {
        const DOING: &str = "sign";
        let Some((name, version)) = parts(key) else { return Ok(None) };
        let parameters = SignParameters {
            algorithm: Some(SignatureAlgorithm::Rs256),
            value: Some(digest.as_bytes().to_vec()),
        };
        let content: RequestContent<_> = parameters.try_into().map_err(failure::read(DOING))?;
        let options = KeyClientSignOptions {
            key_version: Some(version.to_owned()),
            ..KeyClientSignOptions::default()
        };
        match self.client.sign(name, content, Some(options)).await {
            Ok(answer) => {
                let signature = answer.into_model().map_err(failure::read(DOING))?.result;
                signature.map(Some).ok_or_else(|| Outage::harmless(DOING, "no signature came"))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failure::read(DOING)(error)),
        }
    }

    async fn public_key(&self, key: &KeyHandle) -> Result<Option<RsaPublicKey>, Outage> {
        const DOING: &str = "read a public key";
        let Some((name, version)) = parts(key) else { return Ok(None) };
        let options = KeyClientGetKeyOptions {
            key_version: Some(version.to_owned()),
            ..KeyClientGetKeyOptions::default()
        };
        let key: Key = match self.client.get_key(name, Some(options)).await {
            Ok(answer) => answer.into_model().map_err(failure::read(DOING))?,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(failure::read(DOING)(error)),
        };
        match key.key {
            Some(JsonWebKey { n: Some(n), e: Some(e), .. }) => Ok(Some(RsaPublicKey::new(&n, &e))),
            _ => Err(Outage::harmless(DOING, "not an RSA key")),
        }
    }
}

#[async_trait]
impl KeyMaker for KeyVaultKeyMaker {
    async fn make_key(&self) -> Result<KeyHandle, Outage> {
        const DOING: &str = "make a key";
        let parameters = CreateKeyParameters {
            kty: Some(KeyType::Rsa),
            key_size: Some(2048),
            key_ops: Some(vec![KeyOperation::Sign, KeyOperation::Verify]),
            ..CreateKeyParameters::default()
        };
        let content: RequestContent<_> = parameters.try_into().map_err(failure::read(DOING))?;
        let answer = self.client.create_key(&self.name, content, None).await;
        let id = answer
            .and_then(azure_core::http::Response::into_model)
            .and_then(|key: Key| key.resource_id())
            .map_err(failure::write(DOING))?;
        Ok(KeyHandle::new(format!("{}/{}", id.name, id.version.unwrap_or_default())))
    }
}

fn client(
    access: &Access,
    vault: &Url,
    client_options: azure_core::http::ClientOptions,
) -> Result<KeyClient, azure_core::Error> {
    let options = KeyClientOptions {
        client_options,
        verify_challenge_resource: Some(access.checks_vault_domain()),
        api_version: API_VERSION.to_owned(),
    };
    KeyClient::new(vault.as_str(), access.credential(), Some(options))
}

/// A handle's name and version. No other handle can have come from this vault.
fn parts(key: &KeyHandle) -> Option<(&str, &str)> {
    let (name, version) = key.as_str().split_once('/')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_name && is_version(version)).then_some((name, version))
}
