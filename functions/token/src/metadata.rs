//! What a client must know about this authorization server (RFC 8414).

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use gatelet_core::registry::own_audience;
use gatelet_core::token::issuer;
use gatelet_edge::{Gate, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// The metadata (RFC 8414 §2). The issuer is what tokens say in `iss`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<String>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
}

/// Describes this server. All clients are public, so they have nothing to prove at the token endpoint but what
/// their grant demands.
pub(crate) async fn metadata(State(gate): State<Gate>) -> Result<impl IntoResponse, Problem> {
    let registry = gate.registry.current(gate.clock.now()).await?;
    let own = registry.apis.get(&own_audience(&gate.base_url));
    let issuer = issuer(&gate.base_url);
    let metadata = Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: format!("{issuer}/auth/authorize"),
        token_endpoint: format!("{issuer}/auth/token"),
        revocation_endpoint: format!("{issuer}/auth/revoke"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        scopes_supported: own.map(|api| api.scopes.clone()).unwrap_or_default(),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["none"],
        revocation_endpoint_auth_methods_supported: ["none"],
        authorization_response_iss_parameter_supported: true,
    };
    Ok(([("cache-control", "public, max-age=300")], Json(metadata)))
}
