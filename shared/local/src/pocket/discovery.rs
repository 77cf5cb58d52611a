//! What the provider says about itself (OpenID Connect Discovery 1.0), and its key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use serde_json::json;

use super::Pocket;

pub(super) async fn metadata(State(pocket): State<Arc<Pocket>>) -> impl IntoResponse {
    let issuer = pocket.issuer();
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end_session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "prompt_values_supported": ["none", "login", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "acr", "amr", "sid", "name",
            "email", "email_verified", "org", "groups",
        ],
        "authorization_response_iss_parameter_supported": true,
    });
    ([(header::CACHE_CONTROL, "max-age=60")], Json(document))
}

pub(super) async fn keys(State(pocket): State<Arc<Pocket>>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "max-age=60")], Json(pocket.key.jwks()))
}
