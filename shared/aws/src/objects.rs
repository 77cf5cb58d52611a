//! Objects, kept by S3 in two buckets.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use bytes::Bytes;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{ADDRESS_LIFETIME, Address, Created, ObjectName, Objects, Place};
use gatelet_core::outage::{Cause, Outage};
use url::Url;

use crate::account::Account;
use crate::fault::{Fault, persist, unread};

/// Keeps each place in a bucket. The identity needs `s3:ListBucket` besides the rights to objects: without it
/// S3 answers "forbidden" for an object that is missing, and that is an outage here. Files are deleted by the
/// bucket's lifecycle rule.
pub struct S3Objects {
    account: Arc<Account>,
    sealed: String,
    files: String,
}

impl S3Objects {
    /// The bucket of sealed objects and the bucket of files.
    pub fn new(account: Arc<Account>, sealed: impl Into<String>, files: impl Into<String>) -> Self {
        Self { account, sealed: sealed.into(), files: files.into() }
    }

    fn bucket(&self, name: &ObjectName) -> &str {
        match name.place() {
            Place::Sealed => &self.sealed,
            Place::Files => &self.files,
        }
    }

    /// Puts the object once. The SDK must not repeat it: a second attempt would find the first one's object
    /// and call it someone else's.
    async fn put_once(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Fault> {
        let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
        let call = self.account.s3().put_object().bucket(self.bucket(name)).key(name.path());
        let answer = call
            .if_none_match("*")
            .content_type("application/octet-stream")
            .body(bytes.into())
            .customize()
            .config_override(once)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Created::Yes),
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(Created::AlreadyThere),
            Err(error) => Err(Fault::of(&error)),
        }
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Outage> {
        persist(|| self.put_once(name, bytes.clone()))
            .await
            .map_err(|fault| fault.into_outage("store an object"))
    }

    async fn read(
        &self,
        name: &ObjectName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Bytes>, Outage> {
        const DOING: &str = "read an object";
        // A range holds one byte at least, so that asking for none still tells whether the object exists.
        let last = offset.saturating_add(limit.saturating_sub(1));
        let call = self.account.s3().get_object().bucket(self.bucket(name)).key(name.path());
        match call.range(format!("bytes={offset}-{last}")).send().await {
            Ok(output) => {
                let body = output.body.collect().await;
                let mut bytes = body.map_err(|cause| Outage::harmless(DOING, cause))?.into_bytes();
                bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                Ok(Some(bytes))
            }
            Err(error) => match error.code() {
                Some("InvalidRange") => Ok(Some(Bytes::new())),
                Some("NoSuchKey") => Ok(None),
                _ => Err(unread(DOING, &error)),
            },
        }
    }

    async fn upload_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        const DOING: &str = "make an address for an upload";
        only_files(DOING, name)?;
        // The uploader's bytes are not known yet, and with them no checksum.
        let later = aws_sdk_s3::config::Builder::new()
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        let call = self.account.s3().put_object().bucket(self.bucket(name)).key(name.path());
        let request = call
            .if_none_match("*")
            .customize()
            .config_override(later)
            .presigned(lifetime(DOING, now)?)
            .await
            .map_err(|error| unread(DOING, &error))?;
        address(DOING, &request)
    }

    async fn download_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        const DOING: &str = "make an address for a download";
        only_files(DOING, name)?;
        let call = self.account.s3().get_object().bucket(self.bucket(name)).key(name.path());
        let request = call
            .response_content_disposition("attachment")
            .response_content_type("application/octet-stream")
            .presigned(lifetime(DOING, now)?)
            .await
            .map_err(|error| unread(DOING, &error))?;
        address(DOING, &request)
    }

    async fn purge(&self, _before: Timestamp, _budget: usize) -> Result<usize, Outage> {
        Ok(0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a sealed object has no address")]
struct SealedHasNone;

fn only_files(doing: &'static str, name: &ObjectName) -> Result<(), Outage> {
    match name.place() {
        Place::Files => Ok(()),
        Place::Sealed => Err(Outage::harmless(doing, SealedHasNone)),
    }
}

fn lifetime(doing: &'static str, now: Timestamp) -> Result<PresigningConfig, Outage> {
    PresigningConfig::builder()
        .start_time(SystemTime::UNIX_EPOCH + Duration::from_millis(now.millis()))
        .expires_in(ADDRESS_LIFETIME)
        .build()
        .map_err(|cause| Outage::harmless(doing, cause))
}

fn address(doing: &'static str, request: &PresignedRequest) -> Result<Address, Outage> {
    let url =
        Url::parse(request.uri()).map_err(|cause| Outage::harmless(doing, Cause::from(cause)))?;
    let headers = request.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Address::new(url, headers.collect()))
}
