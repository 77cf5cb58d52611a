//! Files that somebody uploads to be an input of a run.
//!
//! An upload is two objects below the tenant's name: what is known about it, and its content. What is known is written
//! last where the gateway takes the content itself, so that whoever finds an upload finds its content too; where the
//! store takes the content, the content's length is compared before it is used.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::objects::{Address, Created, ObjectName, Objects, Place};
use crate::random::{Random, draw};
use crate::records::StoreError;
use crate::tenant::TenantId;

/// The largest upload that the gateway takes itself, in bytes.
pub const DIRECT_BYTES: usize = 4 * 1024 * 1024;
/// The largest upload of all, in bytes.
pub const UPLOAD_BYTES: u64 = 25 * 1024 * 1024;
/// The longest form of what is known about an upload.
const FACTS_BYTES: u64 = 4 * 1024;

/// Keeps uploads.
pub struct Uploads<'a> {
    objects: &'a dyn Objects,
    random: &'a dyn Random,
}

/// What is known about an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id: `u-` and 32 hex digits that nobody can guess.
    pub id: String,
    /// What the file was called: no path, and no more than 100 characters.
    pub name: String,
    /// What whoever uploaded it says that it is.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    name: String,
    media_type: String,
    bytes: u64,
}

impl<'a> Uploads<'a> {
    /// The uploads among these objects.
    pub fn new(objects: &'a dyn Objects, random: &'a dyn Random) -> Self {
        Self { objects, random }
    }

    /// Keeps a file that was sent to the gateway.
    pub async fn keep(
        &self,
        tenant: &TenantId,
        (name, media_type): (&str, &str),
        content: Bytes,
    ) -> Result<Upload, StoreError> {
        let upload = self.upload((name, media_type), content.len() as u64);
        let object = content_of(tenant, &upload.id)?;
        let _: Created = self.objects.create(&object, content).await?;
        self.write_down(tenant, &upload).await?;
        Ok(upload)
    }

    /// Gives an address to which a larger file can be sent.
    pub async fn announce(
        &self,
        tenant: &TenantId,
        (name, media_type): (&str, &str),
        bytes: u64,
        now: Timestamp,
    ) -> Result<(Upload, Address), StoreError> {
        let upload = self.upload((name, media_type), bytes);
        self.write_down(tenant, &upload).await?;
        let address = self.objects.upload_address(&content_of(tenant, &upload.id)?, now).await?;
        Ok((upload, address))
    }

    /// The upload of this id in this tenant, if its content is there as long as was said. An id of another tenant,
    /// and a text that is no id, lead nowhere.
    pub async fn find(&self, tenant: &TenantId, id: &str) -> Result<Option<Upload>, StoreError> {
        if !is_id(id) {
            return Ok(None);
        }
        let facts = self.objects.read(&facts_of(tenant, id)?, 0, FACTS_BYTES).await?;
        let Some(facts) = facts else { return Ok(None) };
        let Stored { name, media_type, bytes, .. } = serde_json::from_slice(&facts)
            .map_err(|error| StoreError::unreadable("upload", error))?;
        let last = bytes.saturating_sub(1);
        let end = self.objects.read(&content_of(tenant, id)?, last, 2).await?;
        let whole = end.is_some_and(|end| end.len() as u64 == bytes.min(1));
        Ok(whole.then(|| Upload { id: id.to_owned(), name, media_type, bytes }))
    }

    fn upload(&self, (name, media_type): (&str, &str), bytes: u64) -> Upload {
        let id = format!("u-{}", hex::encode(draw::<16>(self.random)));
        Upload { id, name: name.to_owned(), media_type: media_type.to_owned(), bytes }
    }

    async fn write_down(&self, tenant: &TenantId, upload: &Upload) -> Result<(), StoreError> {
        let Upload { name, media_type, bytes, .. } = upload.clone();
        let facts = serde_json::to_vec(&Stored { v: 1, name, media_type, bytes })
            .map_err(|error| StoreError::unreadable("upload", error))?;
        let _: Created = self.objects.create(&facts_of(tenant, &upload.id)?, facts.into()).await?;
        Ok(())
    }
}

/// Where an upload's content lies.
pub fn content_of(tenant: &TenantId, id: &str) -> Result<ObjectName, StoreError> {
    Ok(ObjectName::new(Place::Files, format!("uploads/{tenant}/{id}/content"))?)
}

fn facts_of(tenant: &TenantId, id: &str) -> Result<ObjectName, StoreError> {
    Ok(ObjectName::new(Place::Files, format!("uploads/{tenant}/{id}/facts"))?)
}

fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix("u-").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
