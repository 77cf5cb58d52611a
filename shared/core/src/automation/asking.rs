//! Asking for a run: who may, what is wrong with what they ask, and what makes two requests the same.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::catalog::{Automation, InputMistake};
use super::uploads::{Upload, Uploads};
use super::{Level, Run, SandboxReport, State};
use crate::clock::Timestamp;
use crate::connection::Connection;
use crate::digest::hex_digest_of;
use crate::records::StoreError;
use crate::tenant::TenantId;
use crate::token::Access;

/// What somebody asks of an automation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The inputs, as its schema has them.
    pub inputs: Value,
    /// Which of the tenant's connections is meant by each that it needs.
    pub connections: BTreeMap<String, String>,
}

/// Why somebody may not start an automation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStartable {
    /// It asks for another scope.
    Scope(String),
    /// It asks for one of these roles.
    Role(Vec<String>),
    /// The tenant has no connection of a kind that it needs.
    Connection(String),
    /// This host keeps scripts apart less well than it asks.
    Sandbox {
        /// What it asks for.
        minimum: Level,
        /// What there is.
        here: Level,
    },
}

/// The isolation of this host as far as it is known here: a host that runs no scripts knows nothing about the one that
/// does.
#[must_use]
pub fn known_level(report: &SandboxReport) -> Option<Level> {
    (report.level > Level::S0).then_some(report.level)
}

impl Automation {
    /// Whether somebody may start it, in a tenant with these connections, on a host of this level.
    pub fn may_start(
        &self,
        access: &Access,
        connections: &BTreeMap<String, Connection>,
        here: Option<Level>,
    ) -> Result<(), NotStartable> {
        if !access.scopes().any(|scope| scope == self.scope) {
            return Err(NotStartable::Scope(self.scope.clone()));
        }
        if !self.roles.is_empty() && !self.roles.contains(&access.role) {
            return Err(NotStartable::Role(self.roles.clone()));
        }
        let has = |kind: &str| connections.values().any(|connection| connection.kind == kind);
        if let Some(missing) = self.connections.values().find(|need| !has(&need.kind)) {
            return Err(NotStartable::Connection(missing.kind.clone()));
        }
        match here {
            Some(here) if here < self.sandbox => {
                Err(NotStartable::Sandbox { minimum: self.sandbox, here })
            }
            _ => Ok(()),
        }
    }

    /// Everything that is wrong with what is asked, each with a pointer into the request's body, and the uploads that
    /// its inputs name.
    pub async fn check(
        &self,
        wanted: &Wanted,
        connections: &BTreeMap<String, Connection>,
        (uploads, tenant): (&Uploads<'_>, &TenantId),
    ) -> Result<Result<BTreeMap<String, Upload>, Vec<InputMistake>>, StoreError> {
        let mut mistakes = self.check_form(wanted, connections);
        let mut found = BTreeMap::new();
        for input in self.file_inputs() {
            let pointer = format!("/inputs/{}", input.name);
            let id = wanted.inputs.get(input.name).and_then(Value::as_str);
            let Some(id) = id else { continue };
            let (code, message) = match uploads.find(tenant, id).await? {
                Some(upload) if upload.bytes <= input.max_bytes => {
                    found.insert(input.name.to_owned(), upload);
                    continue;
                }
                Some(_) => {
                    let most = input.max_bytes;
                    ("too_large", format!("The file must have at most {most} bytes"))
                }
                None => ("unknown_upload", "There is no such upload, or not all of it".to_owned()),
            };
            mistakes.push(InputMistake { pointer, code, message });
        }
        Ok(if mistakes.is_empty() { Ok(found) } else { Err(mistakes) })
    }

    /// The same without a look at uploads, which alone takes a store.
    pub(super) fn check_form(
        &self,
        wanted: &Wanted,
        connections: &BTreeMap<String, Connection>,
    ) -> Vec<InputMistake> {
        let mut mistakes = self.check_inputs(&wanted.inputs);
        for mistake in &mut mistakes {
            mistake.pointer.insert_str(0, "/inputs");
        }
        self.check_connections(wanted, connections, &mut mistakes);
        mistakes
    }

    fn check_connections(
        &self,
        wanted: &Wanted,
        connections: &BTreeMap<String, Connection>,
        mistakes: &mut Vec<InputMistake>,
    ) {
        let mut note = |name: &str, code, message: String| {
            let pointer = format!("/connections/{}", name.replace('~', "~0").replace('/', "~1"));
            mistakes.push(InputMistake { pointer, code, message });
        };
        for (name, need) in &self.connections {
            match wanted.connections.get(name).map(|chosen| connections.get(chosen)) {
                None => note(name, "required", "Choose a connection".into()),
                Some(Some(connection)) if connection.kind == need.kind => {}
                // One of another kind is told from none only to whoever reads the catalog and knows both.
                Some(_) => {
                    let kind = &need.kind;
                    note(name, "unknown_connection", format!("There is no such {kind} connection"));
                }
            }
        }
        for name in wanted.connections.keys().filter(|name| !self.connections.contains_key(*name)) {
            note(name, "unknown", "The automation needs no such connection".into());
        }
    }
}

impl Wanted {
    /// A digest of all that is asked, which tells a repeated request from another one. The order of members and the
    /// space between them do not count. The automation's version does not either: a retry that meets a newer one is
    /// still the same request, and finds the run that it asked for.
    #[must_use]
    pub fn fingerprint(&self, automation: &str) -> String {
        let mut inputs = String::new();
        canonical(&self.inputs, &mut inputs);
        let connections = self.connections.iter().flat_map(|(name, chosen)| [name, chosen]);
        let parts: Vec<&str> =
            [automation, &inputs].into_iter().chain(connections.map(String::as_str)).collect();
        hex_digest_of(&parts)
    }
}

/// JSON in one form: members in the order of their names, and no space (after RFC 8785).
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                canonical(value, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// Why somebody may not do something with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// The run is over.
    Over,
    /// Somebody else asked for it.
    NotYours,
    /// It takes this scope.
    Scope(&'static str),
    /// Nobody has to say what became of a step.
    NothingUncertain,
    /// The caller must have proved who they are within this span (RFC 9470), and has not, or nobody knows.
    SignInTooOld(Duration),
}

/// Who may act on runs of others.
const APPROVE: &str = "runs:approve";
/// Who may act on their own.
const WRITE: &str = "runs:write";

impl Run {
    /// Whether somebody of its tenant may cancel it: who asked for it, or who decides for others.
    pub fn may_cancel(&self, access: &Access) -> Result<(), NotAllowed> {
        if self.state.is_final() {
            return Err(NotAllowed::Over);
        }
        if has(access, APPROVE) {
            return Ok(());
        }
        if self.by.subject != access.subject {
            return Err(NotAllowed::NotYours);
        }
        if has(access, WRITE) { Ok(()) } else { Err(NotAllowed::Scope(WRITE)) }
    }

    /// Whether somebody of its tenant may say what became of a step: whoever decides for others and has proved who
    /// they are within this span before now.
    pub fn may_record_outcome(
        &self,
        access: &Access,
        within: Duration,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        if self.state != State::Uncertain {
            return Err(NotAllowed::NothingUncertain);
        }
        if !has(access, APPROVE) {
            return Err(NotAllowed::Scope(APPROVE));
        }
        let is_recent = access.auth_time.is_some_and(|proved_at| now.since(proved_at) <= within);
        if is_recent { Ok(()) } else { Err(NotAllowed::SignInTooOld(within)) }
    }
}

fn has(access: &Access, scope: &str) -> bool {
    access.scopes().any(|one| one == scope)
}
