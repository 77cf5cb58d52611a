//! The hash chain of one run. Its head rides in the run's own record, so a change of state and the entry
//! that tells of it are one commit.

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Entry;
use crate::clock::Timestamp;

/// Where a chain stands: how many entries it has, and the hash of the last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// How many entries there are.
    pub length: u32,
    /// The hash of the last entry in hex; empty before the first.
    pub hash: String,
}

/// An entry that was linked to a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its position, from zero.
    pub seq: u32,
    /// The exact bytes to store. The hash is over these, so a reader must not rewrite them.
    pub bytes: Vec<u8>,
}

impl ChainHead {
    /// Links an entry: what to store, and where the chain stands then.
    #[must_use]
    pub fn link(&self, entry: &Entry, at: Timestamp) -> (Linked, Self) {
        self.link_with(entry, &Map::new(), at)
    }

    /// The same with more about it, under the member `detail`. Never values, tokens or personal data.
    #[must_use]
    pub fn link_with(
        &self,
        entry: &Entry,
        detail: &Map<String, Value>,
        at: Timestamp,
    ) -> (Linked, Self) {
        let mut members = entry.members(at);
        if !detail.is_empty() {
            members.insert("detail".into(), detail.clone().into());
        }
        members.insert("seq".into(), self.length.into());
        members.insert("prev".into(), self.hash.as_str().into());
        let bytes = Value::Object(members).to_string().into_bytes();
        let head = Self { length: self.length.saturating_add(1), hash: leaf_hash(&bytes) };
        (Linked { seq: self.length, bytes }, head)
    }

    /// Walks stored entries from the first on, and tells the head they lead to; `None` where one does not
    /// continue the one before it.
    #[must_use]
    pub fn walk<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let mut head = Self::default();
        for bytes in entries {
            let value: Value = serde_json::from_slice(bytes).ok()?;
            let follows = value.get("prev")?.as_str()? == head.hash
                && value.get("seq")?.as_u64()? == u64::from(head.length);
            if !follows {
                return None;
            }
            head = Self { length: head.length.checked_add(1)?, hash: leaf_hash(bytes) };
        }
        Some(head)
    }
}

/// The hash of a Merkle leaf (RFC 6962 §2.1), so that a chain's links are a tree's leaves.
pub(super) fn leaf_hash(bytes: &[u8]) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(&[0]);
    hash.update(bytes);
    hex::encode(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;
    use crate::tenant::TenantId;

    fn entry(action: &'static str) -> Entry {
        Entry {
            tenant: TenantId::new("acme").unwrap(),
            actor: Actor::System("test"),
            action,
            resource: "r".into(),
            outcome: "ok".into(),
        }
    }

    #[test]
    fn a_chain_leads_to_its_head_and_notices_every_change() {
        let at = Timestamp::from_secs(1);
        let (first, head) = ChainHead::default().link(&entry("a"), at);
        let (second, head) = head.link(&entry("b"), at);
        assert_eq!(ChainHead::walk([&first.bytes[..], &second.bytes[..]]), Some(head.clone()));

        assert_eq!(ChainHead::walk([&second.bytes[..]]), None, "the first is missing");
        assert_eq!(ChainHead::walk([&second.bytes[..], &first.bytes[..]]), None, "swapped");
        let edited = String::from_utf8(first.bytes).unwrap().replace("\"ok\"", "\"no\"");
        let walked = ChainHead::walk([edited.as_bytes(), &second.bytes[..]]);
        assert_eq!(walked, None, "the first was edited");
        assert_ne!(ChainHead::walk([edited.as_bytes()]), Some(head));
    }
}
