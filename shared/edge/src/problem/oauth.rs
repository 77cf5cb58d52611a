//! The errors of the OAuth endpoints, in the form that OAuth prescribes for them.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::Detailed;

/// Why the token endpoint or the revocation endpoint refused (RFC 6749 §5.2, RFC 8707 §2, RFC 7009 §2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthError {
    /// A parameter is missing, stands twice, or is malformed.
    InvalidRequest,
    /// The client is not registered.
    InvalidClient,
    /// The code or the refresh token is not valid, is over, was used, or belongs to another client.
    InvalidGrant,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// There is no such grant here.
    UnsupportedGrantType,
    /// The scope is unknown, malformed, or wider than what was granted.
    InvalidScope,
    /// The resource is unknown, or not one of those granted.
    InvalidTarget,
    /// Tokens of this kind cannot be revoked.
    UnsupportedTokenType,
}

impl OAuthError {
    /// Every error, for the reference.
    pub const ALL: [Self; 8] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::InvalidTarget,
        Self::UnsupportedTokenType,
    ];

    /// The status, the code of the standard, and a description for people.
    #[must_use]
    pub const fn describe(self) -> (StatusCode, &'static str, &'static str) {
        let (code, description) = match self {
            Self::InvalidRequest => {
                ("invalid_request", "A parameter is missing, repeated or malformed")
            }
            Self::InvalidClient => ("invalid_client", "The client is not registered here"),
            Self::InvalidGrant => ("invalid_grant", "The code or refresh token is not valid"),
            Self::UnauthorizedClient => {
                ("unauthorized_client", "The client may not use this grant")
            }
            Self::UnsupportedGrantType => ("unsupported_grant_type", "There is no such grant here"),
            Self::InvalidScope => ("invalid_scope", "The scope is unknown or was not granted"),
            Self::InvalidTarget => ("invalid_target", "The resource is unknown or was not granted"),
            Self::UnsupportedTokenType => {
                ("unsupported_token_type", "Tokens of this kind cannot be revoked")
            }
        };
        let status = match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, code, description)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        Detailed::from(self).into_response()
    }
}
