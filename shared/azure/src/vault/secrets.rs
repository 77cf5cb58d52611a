//! Secrets in Key Vault, whose values are text: bytes are kept as base64.

use std::cmp::Reverse;
use std::collections::HashMap;

use async_trait::async_trait;
use azure_core::http::RequestContent;
use azure_security_keyvault_secrets::models::{
    Secret as Stored, SecretAttributes, SecretClientGetSecretOptions,
    SecretClientUpdateSecretPropertiesOptions, SecretProperties, SetSecretParameters,
    UpdateSecretPropertiesParameters,
};
use azure_security_keyvault_secrets::{ResourceExt as _, SecretClient, SecretClientOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt as _;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};
use url::Url;
use zeroize::Zeroizing;

use super::{API_VERSION, is_disabled, is_missing, is_version};
use crate::access::Access;
use crate::failure;

/// Counts a secret's versions, because the vault's clock counts seconds.
const NUMBER: &str = "number";

/// Secrets in one vault.
pub struct KeyVaultSecrets {
    reader: SecretClient,
    writer: SecretClient,
    prefix: String,
}

impl KeyVaultSecrets {
    /// Keeps secrets in the vault at this address, under their names after a prefix (letters, digits and
    /// hyphens). Fails for an address that is none.
    pub fn new(access: &Access, vault: &Url, prefix: &str) -> Result<Self, azure_core::Error> {
        let client = |client_options| {
            let options = SecretClientOptions {
                client_options,
                verify_challenge_resource: Some(access.checks_vault_domain()),
                api_version: API_VERSION.to_owned(),
            };
            SecretClient::new(vault.as_str(), access.credential(), Some(options))
        };
        Ok(Self {
            reader: client(access.reading())?,
            writer: client(access.writing())?,
            prefix: prefix.to_owned(),
        })
    }

    fn name(&self, name: &SecretName) -> String {
        format!("{}{}", self.prefix, name.as_str())
    }

    /// What is there and can be read.
    async fn get(
        &self,
        name: &SecretName,
        version: Option<&SecretVersion>,
        doing: &'static str,
    ) -> Result<Option<Stored>, Outage> {
        let options = SecretClientGetSecretOptions {
            secret_version: version.map(|version| version.as_str().to_owned()),
            ..SecretClientGetSecretOptions::default()
        };
        match self.reader.get_secret(&self.name(name), Some(options)).await {
            Ok(answer) => answer.into_model().map(Some).map_err(failure::read(doing)),
            Err(error) if is_missing(&error) || is_disabled(&error) => Ok(None),
            Err(error) => Err(failure::read(doing)(error)),
        }
    }

    async fn read(
        &self,
        name: &SecretName,
        version: Option<&SecretVersion>,
    ) -> Result<Option<Secret>, Outage> {
        const DOING: &str = "read a secret";
        let Some(mut stored) = self.get(name, version, DOING).await? else {
            return Ok(None);
        };
        let version = version_of(&stored).map_err(failure::read(DOING))?;
        let text = Zeroizing::new(stored.value.take().unwrap_or_default());
        // The decoder's complaint would name a byte of the value.
        let bytes = STANDARD.decode(text.as_bytes());
        let bytes = bytes.map_err(|_| Outage::harmless(DOING, "a secret that is not base64"))?;
        Ok(Some(Secret { version, value: SecretBytes::new(bytes) }))
    }

    async fn versions(
        &self,
        name: &SecretName,
        doing: &'static str,
    ) -> Result<Vec<SecretProperties>, Outage> {
        let pager = self.reader.list_secret_properties_versions(&self.name(name), None);
        let listed = pager.map_err(failure::read(doing))?.try_collect().await;
        match listed {
            Err(error) if is_missing(&error) => Ok(Vec::new()),
            listed => listed.map_err(failure::read(doing)),
        }
    }
}

#[async_trait]
impl Secrets for KeyVaultSecrets {
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage> {
        self.read(name, None).await
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage> {
        if is_version(version.as_str()) { self.read(name, Some(version)).await } else { Ok(None) }
    }

    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        const DOING: &str = "put a secret";
        let number = self.versions(name, DOING).await?.len();
        let parameters = SetSecretParameters {
            content_type: Some("application/octet-stream;base64".to_owned()),
            tags: Some(HashMap::from([(NUMBER.to_owned(), number.to_string())])),
            value: Some(STANDARD.encode(value.expose())),
            ..SetSecretParameters::default()
        };
        let content: RequestContent<_> = parameters.try_into().map_err(failure::read(DOING))?;
        let answer = self.writer.set_secret(&self.name(name), content, None).await;
        let stored = answer.and_then(azure_core::http::Response::into_model);
        stored.and_then(|stored| version_of(&stored)).map_err(failure::write(DOING))
    }

    async fn disable(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Disabled, Outage> {
        const DOING: &str = "disable a secret";
        if !is_version(version.as_str()) {
            return Ok(Disabled::Yes);
        }
        if let Some(current) = self.get(name, None, DOING).await?
            && version_of(&current).map_err(failure::read(DOING))? == *version
        {
            return Ok(Disabled::StillCurrent);
        }
        let parameters = UpdateSecretPropertiesParameters {
            secret_attributes: Some(SecretAttributes {
                enabled: Some(false),
                ..SecretAttributes::default()
            }),
            ..UpdateSecretPropertiesParameters::default()
        };
        let content: RequestContent<_> = parameters.try_into().map_err(failure::read(DOING))?;
        let options = SecretClientUpdateSecretPropertiesOptions {
            secret_version: Some(version.as_str().to_owned()),
            ..SecretClientUpdateSecretPropertiesOptions::default()
        };
        let name = self.name(name);
        match self.writer.update_secret_properties(&name, content, Some(options)).await {
            Ok(_) => Ok(Disabled::Yes),
            Err(error) if is_missing(&error) => Ok(Disabled::Yes),
            Err(error) => Err(failure::write(DOING)(error)),
        }
    }

    async fn facts(&self, name: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        const DOING: &str = "list a secret's versions";
        let mut listed = self.versions(name, DOING).await?;
        listed.sort_by_key(|version| Reverse((created(version), number(version))));
        let facts = listed.iter().map(facts_of).collect::<Result<Vec<_>, _>>();
        let facts = facts.map_err(failure::read(DOING))?;
        Ok(Some(facts).filter(|facts| !facts.is_empty()))
    }
}

fn version_of(secret: &Stored) -> Result<SecretVersion, azure_core::Error> {
    let version = secret.resource_id()?.version.unwrap_or_default();
    Ok(SecretVersion::new(version))
}

fn facts_of(listed: &SecretProperties) -> Result<VersionFacts, azure_core::Error> {
    Ok(VersionFacts {
        version: SecretVersion::new(listed.resource_id()?.version.unwrap_or_default()),
        created_at: Timestamp::from_secs(created(listed)),
        // A version without this attribute is enabled.
        enabled: listed.attributes.as_ref().and_then(|found| found.enabled).unwrap_or(true),
    })
}

fn created(listed: &SecretProperties) -> u64 {
    let created = listed.attributes.as_ref().and_then(|attributes| attributes.created);
    created.and_then(|created| created.unix_timestamp().try_into().ok()).unwrap_or_default()
}

fn number(listed: &SecretProperties) -> Option<u64> {
    listed.tags.as_ref()?.get(NUMBER)?.parse().ok()
}
