//! Secrets, kept by Secrets Manager.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::operation::get_secret_value::builders::GetSecretValueFluentBuilder;
use aws_sdk_secretsmanager::primitives::{Blob, DateTime};
use aws_sdk_secretsmanager::types::SecretVersionsListEntry;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};

use crate::account::Account;
use crate::fault::{unread, unwritten};

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
const MISSING: &str = "ResourceNotFoundException";
/// How often a change is begun again that another writer has overtaken.
const ATTEMPTS: usize = 4;

/// Keeps each secret under a prefix and its name. A version can be read as long as it carries a staging label;
/// Secrets Manager keeps labels on the two newest by itself, and forgets versions that have none.
pub struct SecretsManagerSecrets {
    account: Arc<Account>,
    prefix: String,
}

/// Secrets Manager gave something without the part that was asked for.
#[derive(Debug, thiserror::Error)]
#[error("Secrets Manager answered without {0}")]
struct Incomplete(&'static str);

/// Others changed the same secret each time.
#[derive(Debug, thiserror::Error)]
#[error("other writers were faster several times")]
struct Overtaken;

impl SecretsManagerSecrets {
    /// The secrets whose names begin with this prefix, such as `gatelet/`.
    pub fn new(account: Arc<Account>, prefix: impl Into<String>) -> Self {
        Self { account, prefix: prefix.into() }
    }

    fn id(&self, name: &SecretName) -> String {
        format!("{}{}", self.prefix, name.as_str())
    }

    async fn read(&self, call: GetSecretValueFluentBuilder) -> Result<Option<Secret>, Outage> {
        const DOING: &str = "read a secret";
        match call.send().await {
            Ok(output) if output.version_stages().is_empty() => Ok(None),
            Ok(output) => take(output).map_err(|cause| Outage::harmless(DOING, cause)),
            Err(error) if error.code() == Some(MISSING) => Ok(None),
            Err(error) => Err(unread(DOING, &error)),
        }
    }

    /// Adds a version to a secret that exists; `None` when it does not.
    async fn add(&self, id: &str, value: &SecretBytes) -> Result<Option<String>, Outage> {
        let call = self.account.secrets_manager().put_secret_value().secret_id(id);
        match call.secret_binary(Blob::new(value.expose())).send().await {
            Ok(output) => named(output.version_id).map(Some),
            Err(error) if error.code() == Some(MISSING) => Ok(None),
            Err(error) => Err(unwritten(PUTTING, &error)),
        }
    }

    /// Makes a secret with its first version; `None` when somebody else just did.
    async fn make(&self, id: &str, value: &SecretBytes) -> Result<Option<String>, Outage> {
        let call = self.account.secrets_manager().create_secret().name(id);
        match call.secret_binary(Blob::new(value.expose())).send().await {
            Ok(output) => named(output.version_id).map(Some),
            Err(error) if error.code() == Some("ResourceExistsException") => Ok(None),
            Err(error) => Err(unwritten(PUTTING, &error)),
        }
    }

    /// The labels of a version; none when there is no such version or secret.
    async fn labels(&self, id: &str, version: &SecretVersion) -> Result<Vec<String>, Outage> {
        match self.account.secrets_manager().describe_secret().secret_id(id).send().await {
            Ok(output) => {
                let mut labels: HashMap<_, _> = output.version_ids_to_stages.unwrap_or_default();
                Ok(labels.remove(version.as_str()).unwrap_or_default())
            }
            Err(error) if error.code() == Some(MISSING) => Ok(Vec::new()),
            Err(error) => Err(unread(DISABLING, &error)),
        }
    }

    /// Takes a label from a version; `false` when the version no longer had it.
    async fn unlabel(
        &self,
        id: &str,
        version: &SecretVersion,
        label: String,
    ) -> Result<bool, Outage> {
        let call = self.account.secrets_manager().update_secret_version_stage().secret_id(id);
        let answer =
            call.version_stage(label).remove_from_version_id(version.as_str()).send().await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), Some("InvalidParameterException" | MISSING)) => {
                Ok(false)
            }
            Err(error) => Err(unwritten(DISABLING, &error)),
        }
    }
}

const PUTTING: &str = "put a secret";
const DISABLING: &str = "disable a secret's version";

#[async_trait]
impl Secrets for SecretsManagerSecrets {
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage> {
        let call = self.account.secrets_manager().get_secret_value().secret_id(self.id(name));
        self.read(call.version_stage(CURRENT)).await
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage> {
        if !could_be_version(version) {
            return Ok(None);
        }
        let call = self.account.secrets_manager().get_secret_value().secret_id(self.id(name));
        self.read(call.version_id(version.as_str())).await
    }

    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        let id = self.id(name);
        for _ in 0..ATTEMPTS {
            if let Some(version) = self.add(&id, value).await? {
                return Ok(SecretVersion::new(version));
            }
            if let Some(version) = self.make(&id, value).await? {
                return Ok(SecretVersion::new(version));
            }
        }
        Err(Outage::harmless(PUTTING, Overtaken))
    }

    async fn disable(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Disabled, Outage> {
        let id = self.id(name);
        for _ in 0..ATTEMPTS {
            let labels = self.labels(&id, version).await?;
            if labels.iter().any(|label| label == CURRENT) {
                return Ok(Disabled::StillCurrent);
            }
            let mut bare = true;
            for label in labels {
                bare &= self.unlabel(&id, version, label).await?;
            }
            if bare {
                return Ok(Disabled::Yes);
            }
        }
        Err(Outage::uncertain(DISABLING, Overtaken))
    }

    async fn facts(&self, name: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        const DOING: &str = "list a secret's versions";
        let call = self.account.secrets_manager().list_secret_version_ids();
        let call = call.secret_id(self.id(name)).include_deprecated(true);
        let mut pages = call.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => found.extend(page.versions.unwrap_or_default()),
                Err(error) if error.code() == Some(MISSING) => return Ok(None),
                Err(error) => return Err(unread(DOING, &error)),
            }
        }
        // The store's clock may be too coarse to order two versions; their labels are not.
        found.sort_by_key(|entry| (rank(entry), Reverse(entry.created_date)));
        let facts = found.into_iter().map(fact).collect::<Result<_, _>>();
        facts.map(Some).map_err(|cause| Outage::harmless(DOING, cause))
    }
}

/// Moves the value out of an answer without copying it. One that a person entered is text, and a secret that
/// was declared and never filled has none.
fn take(output: GetSecretValueOutput) -> Result<Option<Secret>, Incomplete> {
    let bytes = match (output.secret_binary, output.secret_string) {
        (Some(bytes), _) => bytes.into_inner(),
        (None, Some(text)) => text.into_bytes(),
        (None, None) => return Ok(None),
    };
    let version = SecretVersion::new(output.version_id.ok_or(Incomplete("a version"))?);
    Ok(Some(Secret { version, value: SecretBytes::new(bytes) }))
}

fn named(version: Option<String>) -> Result<String, Outage> {
    version.ok_or_else(|| Outage::uncertain(PUTTING, Incomplete("a version")))
}

/// Secrets Manager calls its versions by 32 to 64 characters, and does not look for anything else.
fn could_be_version(version: &SecretVersion) -> bool {
    (32..=64).contains(&version.as_str().len())
}

fn rank(entry: &SecretVersionsListEntry) -> u8 {
    let has = |label: &str| entry.version_stages().iter().any(|it| it == label);
    match () {
        () if has(CURRENT) => 0,
        () if has(PREVIOUS) => 1,
        () => 2,
    }
}

fn fact(entry: SecretVersionsListEntry) -> Result<VersionFacts, Incomplete> {
    let enabled = !entry.version_stages().is_empty();
    let created_at = entry.created_date.and_then(timestamp).ok_or(Incomplete("a date"))?;
    let version = SecretVersion::new(entry.version_id.ok_or(Incomplete("a version"))?);
    Ok(VersionFacts { version, created_at, enabled })
}

fn timestamp(date: DateTime) -> Option<Timestamp> {
    let millis = u64::try_from(date.to_millis().ok()?).ok()?;
    Some(Timestamp::from_millis(millis))
}
