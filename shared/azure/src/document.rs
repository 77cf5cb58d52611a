//! The registry as a blob.

use async_trait::async_trait;
use azure_core::http::StatusCode;
use azure_storage_blob::models::BlobClientDownloadOptions;
use azure_storage_blob::{BlobServiceClient, BlobServiceClientOptions};
use gatelet_core::outage::Outage;
use gatelet_core::registry::{Document, RegistrySource};
use url::Url;

use crate::access::Access;
use crate::failure;

const READING: &str = "read the registry";

/// One blob, asked for by its `ETag`.
pub struct BlobDocument {
    service: BlobServiceClient,
    container: String,
    name: String,
}

impl BlobDocument {
    /// The blob of a service that `path` names as `container/name`. Fails for an address that no token may
    /// travel to.
    pub(crate) fn new(
        access: &Access,
        service: &Url,
        (container, name): (&str, &str),
    ) -> Result<Self, azure_core::Error> {
        let options = BlobServiceClientOptions {
            client_options: access.reading(),
            ..BlobServiceClientOptions::default()
        };
        Ok(Self {
            service: BlobServiceClient::new(
                service.clone(),
                Some(access.credential()),
                Some(options),
            )?,
            container: container.to_owned(),
            name: name.to_owned(),
        })
    }
}

#[async_trait]
impl RegistrySource for BlobDocument {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        let blob = self.service.blob_client(&self.container, &self.name);
        let options = BlobClientDownloadOptions {
            if_none_match: known.map(Into::into),
            ..BlobClientDownloadOptions::default()
        };
        let answer = match blob.download(Some(options)).await {
            Ok(answer) => answer,
            Err(error) if failure::is(&error, StatusCode::NotModified) => return Ok(None),
            Err(error) => return Err(failure::read(READING)(error)),
        };
        let tag = answer.properties.etag.clone();
        let tag = tag.ok_or_else(|| Outage::harmless(READING, "the service sent no ETag"))?;
        let bytes = answer.body.collect().await.map_err(failure::read(READING))?;
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|error| Outage::harmless(READING, error.utf8_error()))?;
        Ok(Some(Document { text, tag: tag.to_string() }))
    }
}
