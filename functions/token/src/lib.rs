//! Serves what tokens are made with and known by: the token endpoint, its description for clients, and the
//! published keys.

mod answer;
mod issue;
mod jwks;
mod metadata;

use gatelet_edge::{Method, OAuthError, Problem, Routes};
use utoipa::openapi::Required;

/// The routes of this function. The token endpoint is declared as everybody's because two kinds of callers share
/// it; its handler's argument is the proof of either.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .public("token", (Method::Post, "/auth/token"), issue::token)
        .describe(|it| {
            it.summary("Get an access token")
                .about(
                    "The page sends its cookie and `x-gatelet-csrf: 1`, with no body or with `scope` and \
                     `resource`, and never gets a refresh token. A client without a cookie sends \
                     `grant_type` and `client_id`, and gets one beside the access token.",
                )
                .optional_session()
                .form::<issue::TokenForm>(Required::False)
                .json::<answer::TokenAnswer<'static>>("The tokens")
                .problems(&[
                    Problem::BadRequest,
                    Problem::SignInRequired,
                    Problem::NotAdmitted,
                    Problem::NotFromOurPage,
                    Problem::TooLarge,
                    Problem::UnsupportedMediaType,
                    Problem::OtherRegion,
                    Problem::Unavailable,
                ])
                .oauth_errors(&[
                    OAuthError::InvalidRequest,
                    OAuthError::InvalidClient,
                    OAuthError::InvalidGrant,
                    OAuthError::UnsupportedGrantType,
                    OAuthError::InvalidScope,
                    OAuthError::InvalidTarget,
                ])
        })
        .public(
            "authorization-server",
            (Method::Get, "/.well-known/oauth-authorization-server"),
            metadata::metadata,
        )
        .describe(|it| {
            it.summary("Describe the authorization server to clients")
                .json::<metadata::Metadata>("Authorization server metadata (RFC 8414)")
                .problems(&[Problem::Unavailable])
        })
        .public("jwks", (Method::Get, "/.well-known/jwks.json"), jwks::jwks)
        .describe(|it| {
            it.summary("Publish the keys that access tokens are signed with")
                .json::<jwks::KeySet>("A JSON Web Key Set (RFC 7517)")
                .problems(&[Problem::Unavailable])
        })
}
