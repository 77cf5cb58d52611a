//! Objects: things too large for a record, created once, in two places with separate permissions.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::records::{BadName, Name};

/// How long an address for an upload or a download can be used.
pub const ADDRESS_LIFETIME: Duration = Duration::from_mins(1);

/// Keeps objects. The first version of an object counts, and nobody overwrites it.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Stores an object unless there is one of this name.
    async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Outage>;

    /// Reads at most `limit` bytes from `offset` on, in one piece; fewer at the end, none behind it.
    async fn read(
        &self,
        name: &ObjectName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Bytes>, Outage>;

    /// An address that takes one upload of this object without any other credential, for
    /// [`ADDRESS_LIFETIME`]. Only for [`Place::Files`].
    async fn upload_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage>;

    /// An address that answers this object as an attachment without any other credential, for
    /// [`ADDRESS_LIFETIME`]. Only for [`Place::Files`].
    async fn download_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage>;

    /// Deletes files made at or before `before`, at most `budget` of them, in stores that do not do so
    /// themselves. Sealed objects stay.
    async fn purge(&self, before: Timestamp, budget: usize) -> Result<usize, Outage>;
}

/// One of the two places. Permission ends here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Write-once evidence. Never deleted.
    Sealed,
    /// Uploads, artifacts and large results. Encrypted, and gone after 30 days.
    Files,
}

impl Place {
    /// The place's name, as stores and templates spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Files => "files",
        }
    }
}

/// An object's place and its path there: record names joined by `/`, 900 bytes at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectName {
    place: Place,
    path: String,
}

impl ObjectName {
    /// Checks each segment. `.` and `..` are not segments.
    pub fn new(place: Place, path: impl Into<String>) -> Result<Self, BadName> {
        let path = path.into();
        for segment in path.split('/') {
            let name = Name::new(segment)?;
            if matches!(name.as_str(), "." | "..") {
                return Err(BadName);
            }
        }
        if path.len() > 900 {
            return Err(BadName);
        }
        Ok(Self { place, path })
    }

    /// Where it lies.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Its path within the place.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.place.name(), self.path)
    }
}

/// What came of [`Objects::create`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what was there before has stayed"]
pub enum Created {
    /// The object is stored.
    Yes,
    /// There was one already, and it was not changed.
    AlreadyThere,
}

/// An address that is a credential by itself, so it cannot be printed by accident.
pub struct Address {
    /// What the caller must send besides the address, such as a blob type.
    pub headers: Vec<(String, String)>,
    url: Url,
}

impl Address {
    /// An address and the headers it demands.
    #[must_use]
    pub const fn new(url: Url, headers: Vec<(String, String)>) -> Self {
        Self { headers, url }
    }

    /// Lends the address to the answer that carries it.
    #[must_use]
    pub const fn expose(&self) -> &Url {
        &self.url
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}
