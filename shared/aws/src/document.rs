//! The registry as an object in S3.

use std::sync::Arc;

use async_trait::async_trait;
use gatelet_core::outage::Outage;
use gatelet_core::registry::{Document, RegistrySource};

use crate::account::Account;
use crate::fault::unread;

const READING: &str = "read the registry";
/// The status of an answer to "only if it is another one" when it is the same.
const NOT_MODIFIED: u16 = 304;

/// One object, asked for by its `ETag`. The identity needs `s3:GetObject` on it and nothing else; without
/// `s3:ListBucket` S3 calls a missing object forbidden, which is the same outage here.
pub struct S3Document {
    account: Arc<Account>,
    bucket: String,
    key: String,
}

/// Not the address of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must name an object as s3://bucket/key")]
pub struct BadAddress;

impl S3Document {
    /// The object at an address such as `s3://bucket/registry.toml`.
    pub fn new(account: Arc<Account>, address: &str) -> Result<Self, BadAddress> {
        let (bucket, key) = address
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(BadAddress)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(BadAddress);
        }
        Ok(Self { account, bucket: bucket.into(), key: key.into() })
    }
}

#[async_trait]
impl RegistrySource for S3Document {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let call = self.account.s3().get_object().bucket(&self.bucket).key(&self.key);
        let output = match call.set_if_none_match(known.map(str::to_owned)).send().await {
            Ok(output) => output,
            Err(error)
                if error.raw_response().is_some_and(|a| a.status().as_u16() == NOT_MODIFIED) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(unread(READING, &error)),
        };
        let tag = output.e_tag.ok_or_else(|| Outage::harmless(READING, "S3 sent no ETag"))?;
        let body = output.body.collect().await;
        let bytes = body.map_err(|cause| Outage::harmless(READING, cause))?.to_vec();
        let text = String::from_utf8(bytes)
            .map_err(|error| Outage::harmless(READING, error.utf8_error()))?;
        Ok(Some(Document { text, tag }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Settings;
    use gatelet_core::secrets::SecretBytes;

    #[test]
    fn an_address_names_a_bucket_and_a_key() {
        let settings = Settings {
            region: "eu-central-1".into(),
            endpoint: None,
            access_key_id: "id".into(),
            secret_access_key: SecretBytes::new(b"secret".to_vec()),
            session_token: None,
        };
        let account = Arc::new(Account::new(settings).unwrap());
        let at = |address: &str| S3Document::new(Arc::clone(&account), address);
        let document = at("s3://bucket/folder/registry.toml").unwrap();
        assert_eq!(document.bucket, "bucket");
        assert_eq!(document.key, "folder/registry.toml");
        for bad in ["", "s3://", "s3://bucket", "s3://bucket/", "s3:///key", "https://a/b"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }
}
