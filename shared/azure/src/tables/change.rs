//! Decides what a commit changes, from what stands under its keys.

use azure_core::http::Method;
use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Commit, Condition, Name, Version, Write, is_live};
use serde_json::Value;

use super::entity;

/// What was found under a key.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) version: Version,
    pub(super) expires_at: Option<Timestamp>,
    /// Changes with every write, so that the service can tell whether this is still what is there.
    pub(super) tag: String,
}

/// One operation on one entity.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// Only if there is no entity.
    Insert { entity: Value },
    /// Whatever is there.
    Upsert { key: &'a Name, entity: Value },
    /// Only over this tag.
    Replace { key: &'a Name, tag: String, entity: Value },
    /// Changes nothing, and fails unless the tag is still this one.
    Touch { key: &'a Name, tag: String, entity: Value },
    /// Only with this tag.
    Delete { key: &'a Name, tag: String },
}

impl<'a> Change<'a> {
    /// How the operation is sent: the method, the entity it names (none for an insert) and the tag it holds to.
    pub(super) fn request(&self) -> (Method, Option<&'a Name>, Option<&str>, Option<&Value>) {
        match self {
            Self::Insert { entity } => (Method::Post, None, None, Some(entity)),
            Self::Upsert { key, entity } => (Method::Put, Some(key), None, Some(entity)),
            Self::Replace { key, tag, entity } => (Method::Put, Some(key), Some(tag), Some(entity)),
            Self::Touch { key, tag, entity } => (Method::Patch, Some(key), Some(tag), Some(entity)),
            Self::Delete { key, tag } => (Method::Delete, Some(key), Some(tag), None),
        }
    }
}

/// Whether a write depends on what stands under its key. A trusting first attempt takes it that a key which
/// has to be absent is absent: most are, and the service notices when one is not.
pub(super) const fn needs_a_look(write: &Write, trusting: bool) -> bool {
    match write {
        Write::Put { condition: Condition::Absent, .. } => !trusting,
        Write::Put { condition: Condition::Anything, .. } => false,
        Write::Put { .. } | Write::Delete { .. } | Write::Expect { .. } => true,
    }
}

/// The operations that carry out a commit, or `None` when a condition does not hold. `seen` follows the
/// order of the writes.
pub(super) fn plan<'a>(
    commit: &'a Commit,
    seen: &[Option<Seen>],
    now: Timestamp,
) -> Option<Vec<Change<'a>>> {
    let alone = commit.writes().len() == 1;
    let mut changes = Vec::with_capacity(seen.len());
    for (write, seen) in commit.writes().iter().zip(seen) {
        match write {
            Write::Put { key, condition, .. } => {
                let entity = entity_of(commit, write);
                changes.push(put(key, *condition, entity, seen.as_ref(), now)?);
            }
            Write::Delete { key, version: Some(version) } => {
                let tag = live(seen.as_ref(), *version, now)?.tag.clone();
                changes.push(Change::Delete { key, tag });
            }
            Write::Delete { key, version: None } => match seen {
                Some(seen) => changes.push(Change::Delete { key, tag: seen.tag.clone() }),
                None if alone => {}
                // Holds the key's absence until all of the commit happens; expired, so it does not exist.
                None => changes.push(Change::Insert { entity: entity_of(commit, write) }),
            },
            Write::Expect { key, version } => {
                let tag = live(seen.as_ref(), *version, now)?.tag.clone();
                changes.push(Change::Touch { key, tag, entity: entity::unchanged(*version) });
            }
        }
    }
    Some(changes)
}

fn put<'a>(
    key: &'a Name,
    condition: Condition,
    entity: Value,
    seen: Option<&Seen>,
    now: Timestamp,
) -> Option<Change<'a>> {
    let replace = |seen: &Seen, entity| Change::Replace { key, tag: seen.tag.clone(), entity };
    match (condition, seen) {
        (Condition::Anything, _) => Some(Change::Upsert { key, entity }),
        (Condition::Absent, None) => Some(Change::Insert { entity }),
        (Condition::Absent, Some(seen)) if is_live(seen.expires_at, now) => None,
        (Condition::Absent, Some(expired)) => Some(replace(expired, entity)),
        (Condition::Version(version), seen) => Some(replace(live(seen, version, now)?, entity)),
    }
}

fn live(seen: Option<&Seen>, version: Version, now: Timestamp) -> Option<&Seen> {
    seen.filter(|seen| seen.version == version && is_live(seen.expires_at, now))
}

/// The entity that a put stores, or that stands for a deleted record until a purge.
fn entity_of(commit: &Commit, write: &Write) -> Value {
    let (body, expires_at) = match write {
        Write::Put { body, expires_at, .. } => (body.as_slice(), *expires_at),
        Write::Delete { .. } | Write::Expect { .. } => (&[][..], Some(Timestamp::from_millis(0))),
    };
    entity::whole(commit.partition(), write.key(), commit.version(), body, expires_at)
}
