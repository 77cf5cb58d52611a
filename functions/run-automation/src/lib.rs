//! Serves the routes of the API that act for a person.

use axum::Json;
use gatelet_core::clock::Timestamp;
use gatelet_edge::{Caller, Method, Routes, Scope};
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().api::<Me, _, _>("me", (Method::Get, "/api/me"), me).describe(|it| {
        it.summary("Tell callers who they are here")
            .json::<MeView>("What is known about the caller")
    })
}

/// The scope of asking who one is.
struct Me;

impl Scope for Me {
    const NAME: &'static str = "me";
}

/// What a caller may know about itself. Every member is listed here, so that no token can slip in.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
struct MeView {
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

/// Tells callers who they are here.
async fn me(caller: Caller<Me>) -> Json<MeView> {
    Json(MeView {
        subject: caller.subject.clone(),
        tenant: caller.tenant.to_string(),
        role: caller.role.clone(),
        scopes: caller.scopes().map(str::to_owned).collect(),
        client_id: caller.client_id.clone(),
        session_id: caller.session_id.clone(),
        expires_at: caller.expires_at.secs(),
        auth_time: caller.auth_time.map(Timestamp::secs),
        acr: caller.acr.clone(),
        amr: caller.amr.clone(),
    })
}
