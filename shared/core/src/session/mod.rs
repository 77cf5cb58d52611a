//! Sessions: what a person's browser holds a key to.

mod key;
mod store;

use std::time::Duration;

pub use self::key::{BadSessionKey, SessionKey};
pub use self::store::Sessions;
use crate::clock::Timestamp;
use crate::revocation::{Cut, LONGEST_LIFE};
use crate::tenant::TenantId;

/// A session that nobody extends ends after this.
pub const IDLE: Duration = Duration::from_hours(1);
/// A session ends after this, whatever happens.
pub const ABSOLUTE: Duration = LONGEST_LIFE;

/// Who a person is: the pair that never changes (OpenID Connect Core §5.7). An e-mail address is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The issuer who vouches.
    pub issuer: String,
    /// The person's `sub` there.
    pub subject: String,
}

/// What a sign-in has established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The tenant that the person acts in.
    pub tenant: TenantId,
    /// Who signed in.
    pub person: Person,
    /// The provider's name in our registry.
    pub provider: String,
    /// The provider's `sid`, where it gave one.
    pub provider_session: Option<String>,
    /// The person's role in the tenant.
    pub role: String,
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
}

impl Session {
    /// Every cut that would end this session.
    #[must_use]
    pub fn cuts(&self) -> Vec<Cut> {
        let SignIn { tenant, person, provider, provider_session, .. } = &self.sign_in;
        let mut cuts = vec![
            Cut::Session(self.id.clone()),
            Cut::Tenant(tenant.clone()),
            Cut::Person { issuer: person.issuer.clone(), subject: person.subject.clone() },
        ];
        if let Some(sid) = provider_session {
            cuts.push(Cut::ProviderSession { provider: provider.clone(), sid: sid.clone() });
        }
        cuts
    }
}
