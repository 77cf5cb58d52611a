//! A commit: conditional writes to one partition that happen together or not at all.

use super::{Name, Partition, Version};
use crate::clock::Timestamp;
use crate::random::Random;

/// The most writes one commit may hold.
pub const MAX_WRITES: usize = 25;
/// The most bytes of bodies and keys one commit may hold.
pub const MAX_COMMIT_BYTES: usize = 1024 * 1024;
/// The largest body of one record. Larger things are objects.
pub const MAX_BODY_BYTES: usize = 60 * 1024;

/// Conditional writes to one partition. It is complete and within every store's limits by construction,
/// so that adapters need not check again.
#[derive(Clone, Debug)]
pub struct Commit {
    partition: Partition,
    version: Version,
    writes: Vec<Write>,
    bytes: usize,
}

/// One change within a commit. A key is named at most once in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Stores a record under the commit's version.
    Put {
        /// Where.
        key: Name,
        /// On what condition.
        condition: Condition,
        /// What.
        body: Vec<u8>,
        /// Until when; `None` is forever.
        expires_at: Option<Timestamp>,
    },
    /// Removes a record.
    Delete {
        /// Which.
        key: Name,
        /// Only if it still has this version; with `None`, also when it is already gone.
        version: Option<Version>,
    },
    /// Changes nothing, and holds the whole commit to a record's being live at this version.
    Expect {
        /// Which.
        key: Name,
        /// At which version.
        version: Version,
    },
}

impl Write {
    /// The key that this write is about.
    #[must_use]
    pub const fn key(&self) -> &Name {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Expect { key, .. } => key,
        }
    }
}

/// What must hold for a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no live record under the key: it is missing, or expired.
    Absent,
    /// The live record has this version.
    Version(Version),
    /// Nothing: whatever is there is replaced.
    Anything,
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a conflict means that nothing was written"]
pub enum Outcome {
    /// All writes are durable.
    Committed,
    /// A condition did not hold, and nothing was written.
    Conflict,
}

/// A commit that no store would be asked to carry out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCommit {
    /// More than [`MAX_WRITES`] writes.
    #[error("a commit holds at most 25 writes")]
    TooManyWrites,
    /// More than [`MAX_COMMIT_BYTES`].
    #[error("a commit holds at most 1 MiB")]
    TooLarge,
    /// A body above [`MAX_BODY_BYTES`].
    #[error("a record's body holds at most 60 KiB")]
    BodyTooLarge,
    /// The same key twice.
    #[error("a commit names a key at most once")]
    KeyTwice,
}

impl Commit {
    /// An empty commit with a version of its own. Committing it as it is does nothing.
    pub fn new(partition: Partition, random: &dyn Random) -> Self {
        Self { partition, version: Version::draw(random), writes: Vec::new(), bytes: 0 }
    }

    /// Adds a put.
    pub fn put(
        self,
        key: Name,
        condition: Condition,
        body: Vec<u8>,
        expires_at: Option<Timestamp>,
    ) -> Result<Self, BadCommit> {
        if body.len() > MAX_BODY_BYTES {
            return Err(BadCommit::BodyTooLarge);
        }
        self.add(Write::Put { key, condition, body, expires_at })
    }

    /// Adds a delete.
    pub fn delete(self, key: Name, version: Option<Version>) -> Result<Self, BadCommit> {
        self.add(Write::Delete { key, version })
    }

    /// Adds an expectation.
    pub fn expect(self, key: Name, version: Version) -> Result<Self, BadCommit> {
        self.add(Write::Expect { key, version })
    }

    /// Where it writes.
    #[must_use]
    pub const fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The version that every record it puts will have.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The writes, in the order in which they were added.
    #[must_use]
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    fn add(mut self, write: Write) -> Result<Self, BadCommit> {
        if self.writes.len() == MAX_WRITES {
            return Err(BadCommit::TooManyWrites);
        }
        if self.writes.iter().any(|other| other.key() == write.key()) {
            return Err(BadCommit::KeyTwice);
        }
        self.bytes += write.key().as_str().len();
        if let Write::Put { body, .. } = &write {
            self.bytes += body.len();
        }
        if self.bytes > MAX_COMMIT_BYTES {
            return Err(BadCommit::TooLarge);
        }
        self.writes.push(write);
        Ok(self)
    }
}
