//! Where a record lies: table, partition and key, in an alphabet that every store accepts as it is.

use std::fmt;

/// The longest name of a partition or key.
pub const MAX_NAME_BYTES: usize = 200;

/// A table. Permission ends here: a function may read, append to or change a table as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Keys, sessions, refresh families, single-use marks, cuts and the feed of revocations.
    Identity,
    /// Runs, their lists, and the slots they compete for.
    Runs,
    /// Everything security-relevant that is not part of a run.
    Audit,
}

impl Table {
    /// Every table, in a fixed order.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Runs, Self::Audit];

    /// The table's name, as stores and templates spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Runs => "runs",
            Self::Audit => "audit",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A partition name or a key: 1 to 200 bytes of `A-Z a-z 0-9 : . _ ~ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A name that no store would be asked to keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a record name must be 1 to 200 bytes of A-Z a-z 0-9 : . _ ~ -")]
pub struct BadName;

impl Name {
    /// Checks and takes a name.
    pub fn new(text: impl Into<String>) -> Result<Self, BadName> {
        let text = text.into();
        let fits = (1..=MAX_NAME_BYTES).contains(&text.len());
        if fits && text.bytes().all(is_allowed) { Ok(Self(text)) } else { Err(BadName) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'_' | b'~' | b'-')
}

/// The unit of ordering and of atomic commits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    table: Table,
    name: Name,
}

impl Partition {
    /// The partition of this name in a table.
    pub fn new(table: Table, name: impl Into<String>) -> Result<Self, BadName> {
        Ok(Self { table, name: Name::new(name)? })
    }

    /// The table it stands in.
    #[must_use]
    pub const fn table(&self) -> Table {
        self.table
    }

    /// Its name within the table.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }
}
