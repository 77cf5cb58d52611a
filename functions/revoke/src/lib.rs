//! Serves the routes that take back what was given: sign-out, the end of other sessions, the revocation of tokens.

mod logout;
mod revoke;
mod sessions;

use gatelet_edge::{Method, OAuthError, Problem, Routes};
use utoipa::openapi::Required;

/// The routes of this function. Those that are declared as everybody's have handlers whose argument is the proof
/// that they need: that our own page asks, or who a token belongs to.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .public("logout", (Method::Post, "/auth/logout"), logout::logout)
        .describe(|it| {
            it.summary("Sign out")
                .about(
                    "Asked by our own page with `x-gatelet-csrf: 1`. Whoever is signed out already succeeds. \
                     With `everywhere=true` everything ends that the person has begun anywhere, for which \
                     the session must be live.",
                )
                .optional_session()
                .form::<logout::LogoutForm>(Required::False)
                .json::<logout::LogoutAnswer>("Signed out; the cookie is taken back")
                .problems(&[
                    Problem::BadRequest,
                    Problem::SignInRequired,
                    Problem::NotFromOurPage,
                    Problem::TooLarge,
                    Problem::UnsupportedMediaType,
                    Problem::Unavailable,
                ])
        })
        .public("logout-page", (Method::Get, "/auth/logout"), logout::page)
        .describe(|it| {
            it.summary("Show the page on which somebody can sign out")
                .see_other("To the page. Nothing ends: a link or an image on another site may have asked")
        })
        .session("sessions", (Method::Get, "/auth/sessions"), sessions::list)
        .describe(|it| {
            it.summary("List the person's sessions in this tenant, the newest first")
                .about("Asking does not keep any of them alive.")
                .json::<sessions::SessionList>("The live sessions")
        })
        .session("end-session", (Method::Delete, "/auth/sessions/{id}"), sessions::end)
        .describe(|it| {
            it.summary("End one of the person's sessions in this tenant")
                .about("One that is over already is ended again.")
                .path("id", "The session's public id")
                .empty(204, "It is over. If it was the one that asked, the cookie is taken back")
                .problems(&[Problem::BadRequest, Problem::NotFound])
        })
        .public("revoke", (Method::Post, "/auth/revoke"), revoke::revoke)
        .describe(|it| {
            it.summary("Take a token back (RFC 7009)")
                .about(
                    "A refresh token takes its family with it, and an access token the session or family \
                     it came from. A client sends its `client_id`; the page sends its cookie and \
                     `x-gatelet-csrf: 1`. `token_type_hint` is not needed.",
                )
                .optional_session()
                .form::<revoke::RevokeForm>(Required::True)
                .empty(200, "It is taken back, or was never there, or belongs to somebody else")
                .problems(&[
                    Problem::BadRequest,
                    Problem::SignInRequired,
                    Problem::NotFromOurPage,
                    Problem::TooLarge,
                    Problem::UnsupportedMediaType,
                    Problem::Unavailable,
                ])
                .oauth_errors(&[OAuthError::InvalidRequest, OAuthError::InvalidClient])
        })
}
