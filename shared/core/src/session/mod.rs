//! Sessions: what a person's browser holds a key to.

mod browser;
mod extension;
mod key;
mod listed;
mod sign_out;
mod store;

use std::time::Duration;

pub use self::browser::Browser;
pub use self::extension::NotExtendable;
pub use self::key::{BadSessionKey, SessionDigest, SessionKey};
pub use self::sign_out::{Reach, SignedOut};
pub use self::store::Sessions;
use crate::clock::Timestamp;
use crate::identity::Facts;
use crate::revocation::{Cut, LONGEST_LIFE};
use crate::tenant::TenantId;

/// A session that nobody extends ends after this.
pub const IDLE: Duration = Duration::from_hours(1);
/// A session ends after this, whatever happens.
pub const ABSOLUTE: Duration = LONGEST_LIFE;

/// What a sign-in has established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The tenant that the person acts in.
    pub tenant: TenantId,
    /// The person's role in the tenant at the time.
    pub role: String,
    /// What the provider vouched for.
    pub facts: Facts,
}

/// A live session. It says nothing from which the cookie could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The public id, which tokens carry as `sid`.
    pub id: String,
    /// What the sign-in established.
    pub sign_in: SignIn,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When it ends unless it is extended.
    pub idle_ends_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
    /// In which browser it was begun, where that is one that people know.
    pub browser: Option<Browser>,
}

impl Session {
    /// Every cut that would end this session.
    #[must_use]
    pub fn cuts(&self) -> Vec<Cut> {
        let SignIn { tenant, facts, .. } = &self.sign_in;
        let mut cuts = vec![
            Cut::Session(self.id.clone()),
            Cut::Tenant(tenant.clone()),
            Cut::Person(facts.person.public_id()),
        ];
        if let Some(sid) = &facts.provider_session {
            let provider = facts.provider.clone();
            cuts.push(Cut::ProviderSession { provider, sid: sid.clone() });
        }
        cuts
    }
}
