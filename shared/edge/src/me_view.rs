//! What a caller may know about itself.

use gatelet_core::clock::Timestamp;
use gatelet_core::token::Access;
use serde::Serialize;
use utoipa::ToSchema;

/// What a caller may know about itself. Every member is listed here, so that no token can slip in.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    subject: String,
    tenant: String,
    role: String,
    scopes: Vec<String>,
    client_id: String,
    /// The public id of the session or family behind the caller.
    session_id: String,
    /// When the caller's token or session ends, in seconds since 1970.
    expires_at: u64,
    /// When the person last proved who they are, in seconds since 1970, where the provider said so.
    auth_time: Option<u64>,
    acr: Option<String>,
    amr: Vec<String>,
}

impl MeView {
    /// Somebody who has proved who they are.
    #[must_use]
    pub fn of(access: &Access) -> Self {
        Self {
            subject: access.subject.clone(),
            tenant: access.tenant.to_string(),
            role: access.role.clone(),
            scopes: access.scopes().map(str::to_owned).collect(),
            client_id: access.client_id.clone(),
            session_id: access.session_id.clone(),
            expires_at: access.expires_at.secs(),
            auth_time: access.auth_time.map(Timestamp::secs),
            acr: access.acr.clone(),
            amr: access.amr.clone(),
        }
    }
}
