//! What a page may know about its session.

use gatelet_core::clock::Timestamp;
use gatelet_core::identity::admission;
use gatelet_core::registry::{Registry, own_audience};
use gatelet_core::session::Session;
use gatelet_core::token::allowed;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Gate;
use crate::problem::Can;

/// What a page may know about its session. Every member is listed here, so that no token can slip in. Times are
/// in seconds since 1970.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    now: u64,
    begun_at: u64,
    /// When it ends unless it is extended.
    idle_ends_at: u64,
    /// When it ends in any case.
    ends_at: u64,
    /// When the person last proved to the provider who they are, where it says so.
    auth_time: Option<u64>,
    /// The person, as tokens name them.
    subject: String,
    /// The session, as tokens and the list of sessions name it. Its cookie is another.
    session_id: String,
    tenant: String,
    tenant_title: String,
    /// The region that the tenant lives in, where there are several.
    region: Option<String>,
    role: String,
    /// What a token for the gateway's own API may be used for at this moment.
    scopes: Vec<String>,
    provider: String,
    /// The person's name, where the provider says it.
    name: Option<String>,
    can: Allowed,
}

/// What the person may do with the session.
#[derive(Debug, Serialize, ToSchema)]
struct Allowed {
    #[schema(value_type = Object)]
    extend: Can,
}

impl SessionView {
    /// A session, as it is by this registry.
    #[must_use]
    pub fn of(session: Session, registry: &Registry, gate: &Gate) -> Self {
        let extend = Can::from(session.may_extend(registry));
        let Session { id, sign_in, begun_at, idle_ends_at, ends_at, .. } = session;
        let tenant = registry.tenants.get(&sign_in.tenant);
        let admitted = admission(registry, &sign_in.facts, &sign_in.tenant).ok();
        let own = registry.apis.get(&own_audience(&gate.base_url));
        let scopes = admitted.as_ref().zip(own).map(|(admitted, api)| allowed(admitted, api));
        Self {
            now: gate.clock.now().secs(),
            begun_at: begun_at.secs(),
            idle_ends_at: idle_ends_at.secs(),
            ends_at: ends_at.secs(),
            auth_time: sign_in.facts.auth_time.map(Timestamp::secs),
            subject: sign_in.facts.person.public_id(),
            session_id: id,
            tenant_title: tenant
                .map_or_else(|| sign_in.tenant.to_string(), |tenant| tenant.title.clone()),
            region: tenant.and_then(|tenant| tenant.region.clone()),
            tenant: sign_in.tenant.to_string(),
            role: sign_in.role,
            scopes: scopes.unwrap_or_default().into_iter().map(str::to_owned).collect(),
            provider: sign_in.facts.provider,
            name: sign_in.facts.name,
            can: Allowed { extend },
        }
    }
}
