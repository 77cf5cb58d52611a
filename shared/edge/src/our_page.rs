//! Proof that our own page sent a request, whether or not a session is behind it.

use axum::extract::FromRequestParts;
use gatelet_core::session::SessionKey;
use http::header;
use http::request::Parts as RequestParts;

use crate::problem::Problem;
use crate::{Gate, cookie, csrf};

/// Proof that our own page sent this request, and the key that came with it, of which nothing is known yet. For
/// signing out, which must work for whoever is signed out already.
pub struct OurPage {
    /// The key in the session cookie, if there is one.
    pub key: Option<SessionKey>,
}

impl FromRequestParts<Gate> for OurPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Problem> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Err(Problem::SignInRequired);
        }
        csrf::check(&parts.headers, &gate.base_url)?;
        Ok(Self { key: cookie::find_session_key(&parts.headers, &gate.base_url) })
    }
}
