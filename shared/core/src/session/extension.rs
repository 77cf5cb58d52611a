//! Whether a session may be kept from going idle.

use url::Url;

use super::Session;
use crate::identity::{Refusal, admission};
use crate::registry::Registry;

/// What stands in the way of extending a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotExtendable {
    /// The rules that let the person in do so no longer.
    NotAdmitted(Refusal),
    /// The tenant has moved to another region.
    Elsewhere(Url),
    /// It is at its longest: nothing moves its end any more.
    EndsAnyway,
}

impl Session {
    /// Applies every rule of signing in again, and asks whether an extension would move anything.
    pub fn may_extend(&self, registry: &Registry) -> Result<(), NotExtendable> {
        let admitted = admission(registry, &self.sign_in.facts, &self.sign_in.tenant)
            .map_err(NotExtendable::NotAdmitted)?;
        match admitted.elsewhere {
            Some(region) => Err(NotExtendable::Elsewhere(region)),
            None if self.idle_ends_at < self.ends_at => Ok(()),
            None => Err(NotExtendable::EndsAnyway),
        }
    }
}
