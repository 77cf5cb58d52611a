//! What a token request is answered with (RFC 6749 §5.1).

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use gatelet_core::clock::Timestamp;
use gatelet_core::token::{AccessToken, Tokens};
use serde::Serialize;
use utoipa::ToSchema;

/// An access token, and for a client without a cookie the refresh token that follows.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenAnswer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Separated by spaces.
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

/// For the page. It is handed no refresh token, so none can slip in.
pub(crate) fn to_page(access: &AccessToken, now: Timestamp) -> Response {
    Json(TokenAnswer::of(access, now)).into_response()
}

/// For a client without a cookie.
pub(crate) fn to_client(tokens: &Tokens, now: Timestamp) -> Response {
    let answer = TokenAnswer::of(&tokens.access, now);
    Json(TokenAnswer { refresh_token: Some(&tokens.refresh), ..answer }).into_response()
}

impl<'a> TokenAnswer<'a> {
    fn of(access: &'a AccessToken, now: Timestamp) -> Self {
        Self {
            access_token: &access.text,
            token_type: "Bearer",
            expires_in: access.expires_at.since(now).as_secs(),
            scope: &access.scope,
            refresh_token: None,
        }
    }
}
