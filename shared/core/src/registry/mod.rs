//! The registry: tenants, identity providers, roles, clients and APIs of a deployment, in one document that its
//! operator writes. Secrets stand in it by name only.

mod connections;
mod form;
mod live;
mod provider;
mod read;
mod schedules;
mod written;

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

pub use self::live::{Document, LiveRegistry, RegistrySource};
pub use self::read::{RegistryMistakes, is_local};
use crate::automation::Schedule;
use crate::connection::Connection;
pub use crate::mistakes::Mistake as RegistryMistake;
use crate::secrets::SecretName;
use crate::tenant::TenantId;

/// A registry that was read and found to be sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// SHA-256 of its text in hex: what the audit calls this version of it.
    pub digest: String,
    /// Every region's base address by its name. Empty where there is only one deployment.
    pub regions: BTreeMap<String, Url>,
    /// Which of the regions this deployment is: the one whose address is ours.
    pub home: Option<String>,
    /// Where a sign-in may lead, by name; paths of ours.
    pub targets: BTreeMap<String, String>,
    /// What each role may ask for.
    pub roles: BTreeMap<String, Role>,
    /// The identity providers by name.
    pub providers: BTreeMap<String, Provider>,
    /// The tenants.
    pub tenants: BTreeMap<TenantId, Tenant>,
    /// The clients that have no cookie, by `client_id`.
    pub clients: BTreeMap<String, Client>,
    /// The APIs that tokens are made for, by audience. Ours is always among them: it knows the scopes of all roles
    /// that no other API claims.
    pub apis: BTreeMap<String, Api>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The scopes that it may have, in the order in which they are written.
    pub scopes: Vec<String>,
}

/// What kind of provider it is. The facts about each kind stand in one table in the identity room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Microsoft Entra ID.
    Entra,
    /// Google.
    Google,
    /// Salesforce.
    Salesforce,
    /// Any other OpenID provider.
    Oidc,
}

/// How we prove to a provider who we are (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// The secret in an `Authorization: Basic` header.
    SecretBasic,
    /// The secret in the form.
    SecretPost,
    /// A token that we sign with a key of our own.
    PrivateKeyJwt,
}

/// An identity provider. What the document leaves out was filled in from the facts about its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the registry, which is part of its callback's path.
    pub name: String,
    /// What kind it is.
    pub kind: ProviderKind,
    /// What people call it.
    pub title: String,
    /// Its issuer, exactly as its discovery document says it. Entra's may hold `{tenantid}`.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// How we prove who we are.
    pub authentication: ClientAuthentication,
    /// The secret that holds the client secret, or the PKCS#8 key for `private_key_jwt`.
    pub secret: SecretName,
    /// The algorithms that its ID tokens may be signed with, such as `RS256`.
    pub algorithms: Vec<String>,
    /// The scopes to ask for; `openid` is among them.
    pub scopes: Vec<String>,
    /// The claim that a tenant's rules match.
    pub tenant_claim: String,
    /// The claim that lists groups or roles.
    pub groups_claim: String,
    /// Who can be chosen there, for a sign-in page to list. Only a provider on this machine has some.
    pub people: Vec<Human>,
}

/// Somebody whom a provider on this machine vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Human {
    /// What the provider is given to know whom is meant.
    pub login_hint: String,
    /// The name.
    pub name: String,
    /// The tenant, for people to read.
    pub tenant: String,
    /// The role there, for people to read.
    pub role: String,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub title: String,
    /// The region that it lives in. `None` where there are no regions.
    pub region: Option<String>,
    /// Whether its people may do anything at all.
    pub active: bool,
    /// How old a sign-in may be for what demands a recent one (RFC 9470).
    pub step_up: Duration,
    /// Who belongs to it. One rule that fits is enough.
    pub sign_in: Vec<SignInRule>,
    /// Which role somebody has: that of the first entry that fits. Whoever fits none is refused.
    pub roles: Vec<RoleRule>,
    /// Its ways into its own clouds, by name.
    pub connections: BTreeMap<String, Connection>,
    /// What is run by itself, by name.
    pub schedules: BTreeMap<String, Schedule>,
}

/// "Whoever comes from this provider with one of these values in its tenant claim."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRule {
    /// The provider's name.
    pub provider: String,
    /// The values of its tenant claim that fit.
    pub matches: Vec<String>,
}

/// "Whoever is in one of these groups has this role."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    /// The role.
    pub role: String,
    /// The groups that fit. `None` means everybody of the tenant.
    pub groups: Option<Vec<String>>,
}

/// A client without a cookie, such as a command line (RFC 8252). It is public: it has no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Where codes may be sent: compared exactly, but for the port of a loopback address (RFC 8252 §7.3).
    pub redirect_uris: Vec<Url>,
}

/// An API that our tokens are made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Its audience: an absolute URI without fragment (RFC 8707 §2).
    pub audience: String,
    /// The scopes that it knows. A token for it has no others.
    pub scopes: Vec<String>,
    /// Whether its tokens carry the person's name.
    pub with_name: bool,
    /// Whether its tokens carry the person's verified e-mail address.
    pub with_email: bool,
    /// More names for claims that its tokens carry, such as `userId` for `sub`.
    pub aliases: BTreeMap<String, String>,
}

/// How old a sign-in may be for what demands a recent one, unless the tenant says otherwise.
pub const STEP_UP: Duration = Duration::from_mins(10);

/// The audience of our own API: the base address and `api`.
#[must_use]
pub fn own_audience(base_url: &Url) -> String {
    written::own_audience(base_url)
}

impl Registry {
    /// The one provider, where there is nothing to choose.
    #[must_use]
    pub fn only_provider(&self) -> Option<&Provider> {
        self.providers.values().next().filter(|_| self.providers.len() == 1)
    }

    /// A tenant's ways into its own clouds, by name. A tenant that is not there has none.
    #[must_use]
    pub fn connections_of(&self, tenant: &TenantId) -> &BTreeMap<String, Connection> {
        static NONE: BTreeMap<String, Connection> = BTreeMap::new();
        self.tenants.get(tenant).map_or(&NONE, |tenant| &tenant.connections)
    }

    /// How old a sign-in may be in a tenant for what demands a recent one.
    #[must_use]
    pub fn step_up_of(&self, tenant: &TenantId) -> Duration {
        self.tenants.get(tenant).map_or(STEP_UP, |tenant| tenant.step_up)
    }

    /// What is run by itself in a tenant, by name. A tenant that is not there has nothing of the kind.
    #[must_use]
    pub fn schedules_of(&self, tenant: &TenantId) -> &BTreeMap<String, Schedule> {
        static NONE: BTreeMap<String, Schedule> = BTreeMap::new();
        self.tenants.get(tenant).map_or(&NONE, |tenant| &tenant.schedules)
    }

    /// Whether a tenant lives elsewhere, and where.
    #[must_use]
    pub fn elsewhere(&self, tenant: &Tenant) -> Option<&Url> {
        let region = tenant.region.as_ref().filter(|region| self.home.as_ref() != Some(*region))?;
        self.regions.get(region)
    }
}
