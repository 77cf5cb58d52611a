//! Proof of a live session.

use axum::extract::FromRequestParts;
use gatelet_core::session::{Session, Sessions};
use http::header;
use http::request::Parts as RequestParts;

use crate::problem::Problem;
use crate::{Gate, cookie, csrf};

/// Proof that a live session sent this request from our own page. A handler that takes it cannot run
/// without one, and a route declared by [`Routes::session`](crate::Routes::session) must take it.
pub struct SignedIn(pub Session);

impl FromRequestParts<Gate> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Problem> {
        // A request that brings a token is judged by the token alone: the cookie never rescues a bad one.
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Err(Problem::SignInRequired);
        }
        let key = cookie::find_session_key(&parts.headers, &gate.base_url)
            .ok_or(Problem::SignInRequired)?;
        csrf::check(&parts.headers, &gate.base_url)?;
        let sessions = Sessions::new(&*gate.records, &*gate.random);
        let found = sessions.find(&key, gate.clock.now()).await?;
        found.map(Self).ok_or(Problem::SignInRequired)
    }
}
