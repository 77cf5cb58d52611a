//! Taking tokens back (RFC 7009).

use axum::extract::State;
use gatelet_core::token::{Owner, take_back};
use gatelet_edge::{Detailed, Gate, OAuthError, Problem, TokenParty};
use http::StatusCode;
use utoipa::ToSchema;

/// What stands in the form. Read by name from a [`Form`](gatelet_edge::Form); this is its description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct RevokeForm {
    token: String,
    token_type_hint: Option<String>,
    client_id: Option<String>,
}

/// Takes a token back that belongs to the caller. The answer is the same for every other text.
pub(crate) async fn revoke(
    State(gate): State<Gate>,
    party: TokenParty,
) -> Result<StatusCode, Detailed> {
    let now = gate.clock.now();
    match &party {
        TokenParty::Client(client, form) => {
            let token = form.get("token").ok_or(OAuthError::InvalidRequest)?;
            take_back(&gate, token, Owner::Client(client.id()), now).await?;
        }
        TokenParty::Page(signed_in, form) => {
            let token = form.get("token").ok_or(Problem::BadRequest)?;
            take_back(&gate, token, Owner::Session(&signed_in.0.id), now).await?;
        }
    }
    Ok(StatusCode::OK)
}
