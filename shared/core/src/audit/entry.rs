//! One thing that happened.

use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::tenant::TenantId;

/// Who acted. There is always somebody: an unknown actor cannot be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, by the public id of the session that acted.
    Session(String),
    /// A schedule, by its name.
    Schedule(String),
    /// A part of the gateway itself.
    System(&'static str),
}

impl Actor {
    /// Its kind, and its id within that.
    pub(super) fn name(&self) -> (&'static str, &str) {
        match self {
            Self::Session(id) => ("session", id),
            Self::Schedule(name) => ("schedule", name),
            Self::System(component) => ("system", component),
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// In whose house.
    pub tenant: TenantId,
    /// Who did it.
    pub actor: Actor,
    /// What was done, such as `run.request`.
    pub action: &'static str,
    /// To what, by its id.
    pub resource: String,
    /// How it ended: `ok`, or the stable code of a refusal or failure.
    pub outcome: String,
}

impl Entry {
    /// The members that every stored form of an entry has.
    pub(super) fn members(&self, at: Timestamp) -> Map<String, Value> {
        let (kind, id) = self.actor.name();
        let mut members = Map::new();
        members.insert("v".into(), 1.into());
        members.insert("tenant".into(), self.tenant.as_str().into());
        members.insert("at_ms".into(), at.millis().into());
        members.insert("actor".into(), serde_json::json!({ "kind": kind, "id": id }));
        members.insert("action".into(), self.action.into());
        members.insert("resource".into(), self.resource.as_str().into());
        members.insert("outcome".into(), self.outcome.as_str().into());
        members
    }
}
