//! Where an attempt's mailbox lies: in the run's own partition, under the attempt's fence.
//!
//! - `channel:{fence}` is the mailbox itself. The worker puts it before it invokes the runner and removes it last. Only while it is
//!   there is a letter taken.
//! - `in:{fence}:{n}:{piece}` is what the runner says, once for each number.
//! - `out:{fence}:{n}` is what the worker answers. It removes the letter, and the next answer removes this one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::key::TAG_BYTES;
use crate::automation::RunId;
use crate::automation::runs::partition;
use crate::records::{BadName, Name, Partition, StoreError};
use crate::tenant::TenantId;

/// Which attempt: a run's, under one fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptPlace {
    /// Whose run.
    pub tenant: TenantId,
    /// Which run.
    pub run: RunId,
    /// Under which fence.
    pub fence: u32,
}

impl fmt::Display for AttemptPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.run, self.fence)
    }
}

impl AttemptPlace {
    pub(super) fn partition(&self) -> Result<Partition, StoreError> {
        partition(&self.tenant, &self.run)
    }

    pub(super) fn channel(&self) -> Result<Name, BadName> {
        Name::new(format!("{CHANNEL}{:08}", self.fence))
    }

    pub(super) fn letter(&self, n: u32) -> Result<Name, BadName> {
        Name::new(format!("{IN}{:08}:{n:08}:", self.fence))
    }

    pub(super) fn piece(&self, n: u32, piece: usize) -> Result<Name, BadName> {
        Name::new(format!("{IN}{:08}:{n:08}:{piece:02}", self.fence))
    }

    pub(super) fn answer(&self, n: u32) -> Result<Name, BadName> {
        Name::new(format!("{OUT}{:08}:{n:08}", self.fence))
    }
}

pub(super) const CHANNEL: &str = "channel:";
pub(super) const IN: &str = "in:";
pub(super) const OUT: &str = "out:";

/// The mailbox's own record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Channel {
    pub(super) v: u8,
    /// The digest of the attempt's key.
    pub(super) key: String,
    /// The digest of what the invocation that said hello calls itself.
    pub(super) nonce: Option<String>,
    /// Why the script must end, once it must.
    pub(super) stop: Option<String>,
}

/// The most bytes of a sealed letter in one record.
const PIECE_BYTES: usize = 56 * 1024;

/// The bodies of a letter's records. Each begins with how many there are; the first goes on with the letter's tag.
pub(super) fn in_pieces(tag: &[u8; TAG_BYTES], sealed: &[u8]) -> Vec<Vec<u8>> {
    let whole = [&tag[..], sealed].concat();
    let pieces = whole.chunks(PIECE_BYTES);
    // A letter has 10 pieces at most: see `LETTER_BYTES`.
    let count = u8::try_from(pieces.len()).unwrap_or(u8::MAX);
    pieces.map(|piece| [&[count], piece].concat()).collect()
}

/// The tag of the letter that a first piece begins, and of how many pieces it is.
pub(super) fn first_of(body: &[u8]) -> Option<([u8; TAG_BYTES], usize)> {
    let (count, rest) = body.split_first()?;
    Some((*rest.first_chunk::<TAG_BYTES>()?, usize::from(*count)))
}

/// A tag and what is sealed, put together from all pieces in their order.
pub(super) fn put_together<'a>(bodies: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    bodies.flat_map(|body| body.iter().skip(1).copied()).collect()
}
