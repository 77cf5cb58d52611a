//! Objects in Blob storage, a container for each place.

mod signature;

use std::num::NonZero;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{RequestContent, StatusCode};
use azure_core::time::OffsetDateTime;
use azure_storage_blob::models::{
    BlobClientDownloadOptions, BlockBlobClientUploadOptions, HttpRange, KeyInfo,
};
use azure_storage_blob::{BlobClient, BlobServiceClient, BlobServiceClientOptions};
use bytes::Bytes;
use futures::lock::Mutex;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{ADDRESS_LIFETIME, Address, Created, ObjectName, Objects, Place};
use gatelet_core::outage::Outage;
use url::Url;

use self::signature::{DelegationKey, Grant};
use crate::access::Access;
use crate::failure;

/// How long a key for signing addresses is asked for, and how much of that must be left to use it.
const KEY_LIFETIME: Duration = Duration::from_hours(1);
const KEY_RESERVE: Duration = Duration::from_mins(5);
/// How far the service's clock may be behind.
const CLOCK_SKEW: Duration = Duration::from_mins(5);

/// Objects in two containers of an Azure storage account.
pub struct BlobObjects {
    reader: BlobServiceClient,
    writer: BlobServiceClient,
    containers: Containers,
    /// The key that signs addresses, and when it ends.
    key: Mutex<Option<(DelegationKey, Timestamp)>>,
}

/// The containers' names.
#[derive(Clone, Debug)]
struct Containers {
    sealed: String,
    files: String,
}

impl BlobObjects {
    /// Keeps objects at a blob service's address, in containers whose names are the prefix (lower-case
    /// letters, digits and hyphens; it may be empty) followed by the place's. Fails for an address that no
    /// token may travel to.
    pub fn new(access: &Access, service: &Url, prefix: &str) -> Result<Self, azure_core::Error> {
        let client = |client_options| {
            let options =
                BlobServiceClientOptions { client_options, ..BlobServiceClientOptions::default() };
            BlobServiceClient::new(service.clone(), Some(access.credential()), Some(options))
        };
        let container = |place: Place| format!("{prefix}{}", place.name());
        Ok(Self {
            reader: client(access.reading())?,
            writer: client(access.writing())?,
            containers: Containers {
                sealed: container(Place::Sealed),
                files: container(Place::Files),
            },
            key: Mutex::new(None),
        })
    }

    fn container(&self, place: Place) -> &str {
        match place {
            Place::Sealed => &self.containers.sealed,
            Place::Files => &self.containers.files,
        }
    }

    fn blob(&self, client: &BlobServiceClient, name: &ObjectName) -> BlobClient {
        client.blob_client(self.container(name.place()), name.path())
    }

    /// The key that signs addresses, fetched once an hour.
    async fn key(&self, now: Timestamp, doing: &'static str) -> Result<DelegationKey, Outage> {
        let mut kept = self.key.lock().await;
        if let Some((key, end)) = kept.as_ref()
            && now + KEY_RESERVE < *end
        {
            return Ok(key.clone());
        }
        let end = now + KEY_LIFETIME;
        let info = KeyInfo {
            start: Some(moment(now.before(CLOCK_SKEW), doing)?),
            expiry: Some(moment(end, doing)?),
            ..KeyInfo::default()
        };
        let content = RequestContent::try_from(info).map_err(failure::read(doing))?;
        let answer = self.reader.get_user_delegation_key(content, None).await;
        let key = answer.and_then(|answer| answer.to_raw_response().body().xml());
        let key = DelegationKey::from_service(key.map_err(failure::read(doing))?);
        let key = key.ok_or_else(|| Outage::harmless(doing, "a key that is not base64"))?;
        *kept = Some((key.clone(), end));
        Ok(key)
    }

    async fn address(
        &self,
        name: &ObjectName,
        grant: Grant,
        now: Timestamp,
        doing: &'static str,
    ) -> Result<Address, Outage> {
        if name.place() != Place::Files {
            return Err(Outage::harmless(doing, "only files have addresses"));
        }
        let key = self.key(now, doing).await?;
        let end = moment(now + ADDRESS_LIFETIME, doing)?;
        let account = account(self.reader.url());
        let quoted = format!("/blob/{account}/{}/{}", self.container(name.place()), name.path());
        let blob = self.blob(&self.reader, name).url().clone();
        let url = key.sign(blob, &quoted, grant, end);
        Ok(Address::new(url, grant.headers()))
    }
}

#[async_trait]
impl Objects for BlobObjects {
    async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Outage> {
        const DOING: &str = "create an object";
        let whole =
            u64::try_from(bytes.len()).ok().and_then(NonZero::new).unwrap_or(NonZero::<u64>::MIN);
        let options = BlockBlobClientUploadOptions {
            blob_content_type: Some("application/octet-stream".to_owned()),
            // In one request: what is uploaded in parts is not created at one moment.
            partition_size: Some(whole),
            ..BlockBlobClientUploadOptions::default().if_not_exists()
        };
        match self.blob(&self.writer, name).upload(bytes.into(), Some(options)).await {
            Ok(_) => Ok(Created::Yes),
            Err(error) if is_taken(&error) => Ok(Created::AlreadyThere),
            Err(error) => Err(failure::write(DOING)(error)),
        }
    }

    async fn read(
        &self,
        name: &ObjectName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Bytes>, Outage> {
        const DOING: &str = "read an object";
        // There is no empty range; one byte tells as well whether the object exists.
        let length = limit.clamp(1, i64::MAX.unsigned_abs().saturating_sub(offset).max(1));
        let options = BlobClientDownloadOptions {
            range: Some(HttpRange::new(offset, length)),
            partition_size: usize::try_from(length).ok().and_then(NonZero::new),
            parallel: Some(NonZero::<usize>::MIN),
            ..BlobClientDownloadOptions::default()
        };
        let bytes = match self.blob(&self.reader, name).download(Some(options)).await {
            Ok(answer) => answer.body.collect().await.map_err(failure::read(DOING))?,
            Err(error) if failure::is(&error, StatusCode::RequestedRangeNotSatisfiable) => {
                Bytes::new()
            }
            Err(error) if failure::code(&error) == Some("BlobNotFound") => return Ok(None),
            Err(error) => return Err(failure::read(DOING)(error)),
        };
        Ok(Some(if limit == 0 { Bytes::new() } else { bytes }))
    }

    async fn upload_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        self.address(name, Grant::Upload, now, "sign an upload").await
    }

    async fn download_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        self.address(name, Grant::Download, now, "sign a download").await
    }

    /// The storage account's lifecycle rules delete files by their age.
    async fn purge(&self, _before: Timestamp, _budget: usize) -> Result<usize, Outage> {
        Ok(0)
    }
}

/// The account's name: the first label of the host, or for an emulator the first segment of the path.
fn account(service: &Url) -> &str {
    let path = service.path_segments().and_then(|mut segments| segments.next());
    match path {
        Some(segment) if !segment.is_empty() => segment,
        _ => service.host_str().and_then(|host| host.split('.').next()).unwrap_or_default(),
    }
}

/// Whether the blob is there already; one under an immutability policy is called by that.
fn is_taken(error: &azure_core::Error) -> bool {
    failure::is(error, StatusCode::PreconditionFailed)
        || matches!(failure::code(error), Some("BlobAlreadyExists" | "BlobImmutableDueToPolicy"))
}

fn moment(at: Timestamp, doing: &'static str) -> Result<OffsetDateTime, Outage> {
    let seconds = i64::try_from(at.secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|error| Outage::harmless(doing, error))
}
