//! How a record looks as an entity: `v` its version, `x` its end in milliseconds, `b` its body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{Name, Partition, Record, Version};
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Seen;

/// A page of entities.
#[derive(Deserialize)]
pub(super) struct Entities {
    pub(super) value: Vec<Entity>,
}

/// An entity, as much of it as was asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Entity {
    #[serde(rename = "PartitionKey", default)]
    partition: Option<String>,
    #[serde(rename = "RowKey", default)]
    key: Option<String>,
    #[serde(rename = "odata.etag", default)]
    tag: Option<String>,
    #[serde(default)]
    v: Option<String>,
    /// 64-bit numbers travel as text.
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    b: Option<String>,
}

/// An expired entity and the tag it had when it was found.
#[derive(Debug)]
pub(super) struct Stale {
    pub(super) partition: String,
    pub(super) key: String,
    pub(super) tag: String,
}

impl Entity {
    pub(super) fn record(&self, doing: &'static str) -> Result<Record, Outage> {
        let record = || {
            Some(Record {
                key: Name::new(self.key.clone()?).ok()?,
                version: self.version()?,
                expires_at: self.expires_at()?,
                body: STANDARD.decode(self.b.as_ref()?).ok()?,
            })
        };
        record().ok_or_else(|| foreign(doing))
    }

    pub(super) fn seen(&self, tag: String) -> Result<Seen, Outage> {
        let seen = || Some(Seen { version: self.version()?, expires_at: self.expires_at()?, tag });
        seen().ok_or_else(|| foreign("commit"))
    }

    pub(super) fn stale(self) -> Result<Stale, Outage> {
        match (self.partition, self.key, self.tag) {
            (Some(partition), Some(key), Some(tag)) => Ok(Stale { partition, key, tag }),
            _ => Err(foreign("purge records")),
        }
    }

    fn version(&self) -> Option<Version> {
        Version::from_hex(self.v.as_ref()?)
    }

    /// The outer `None` is a number that is none.
    #[expect(
        clippy::option_option,
        reason = "a missing end and an unreadable one are not the same"
    )]
    fn expires_at(&self) -> Option<Option<Timestamp>> {
        let Some(text) = &self.x else { return Some(None) };
        text.parse().ok().map(|millis| Some(Timestamp::from_millis(millis)))
    }
}

/// The whole entity of a record.
pub(super) fn whole(
    partition: &Partition,
    key: &Name,
    version: Version,
    body: &[u8],
    expires_at: Option<Timestamp>,
) -> Value {
    let mut entity = json!({
        "PartitionKey": partition.name().as_str(),
        "RowKey": key.as_str(),
        "v": version.to_hex(),
        "b": STANDARD.encode(body),
        "b@odata.type": "Edm.Binary",
    });
    if let Some(end) = expires_at
        && let Some(members) = entity.as_object_mut()
    {
        let millis = i64::try_from(end.millis()).unwrap_or(i64::MAX);
        members.insert("x".into(), millis.to_string().into());
        members.insert("x@odata.type".into(), "Edm.Int64".into());
    }
    entity
}

/// What a merge sends that changes nothing: the version that is there already.
pub(super) fn unchanged(version: Version) -> Value {
    json!({ "v": version.to_hex() })
}

fn foreign(doing: &'static str) -> Outage {
    Outage::harmless(doing, "an entity that is no record")
}
