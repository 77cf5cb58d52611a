//! What can go wrong in a store that stands on [`Records`](super::Records), and the form of what it stores.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{BadCommit, BadName, Record};
use crate::outage::{Cause, Outage};

/// A store could not answer. None of these means "there is none".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The records are away.
    #[error(transparent)]
    Outage(#[from] Outage),
    /// A stored record cannot be read: it was written by a newer version, or damaged.
    #[error("could not read the stored {what}")]
    Unreadable {
        /// Whose record.
        what: &'static str,
        /// What the parser said.
        #[source]
        cause: Cause,
    },
    /// An identifier does not fit into a record name.
    #[error(transparent)]
    BadName(#[from] BadName),
    /// A commit would exceed the limits of the port.
    #[error(transparent)]
    BadCommit(#[from] BadCommit),
    /// So many others changed the same record that this change gave up. Nothing was written.
    #[error("could not win a race for {what}")]
    Contended {
        /// The record in question.
        what: &'static str,
    },
}

impl StoreError {
    /// A record that does not say what its room expects.
    pub(crate) fn unreadable(what: &'static str, cause: impl Into<Cause>) -> Self {
        Self::Unreadable { what, cause: cause.into() }
    }
}

/// Writes a room's stored form.
pub(crate) fn encode<T: Serialize>(what: &'static str, stored: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(stored).map_err(|error| StoreError::unreadable(what, error))
}

/// Reads a room's stored form.
pub(crate) fn decode<T: DeserializeOwned>(
    what: &'static str,
    record: &Record,
) -> Result<T, StoreError> {
    serde_json::from_slice(&record.body).map_err(|error| StoreError::unreadable(what, error))
}
