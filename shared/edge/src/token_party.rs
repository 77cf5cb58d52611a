//! Who calls a token endpoint: the page with its session, or a client without a cookie. The two are proved in
//! different ways at one address, so the proof is a type with two sides, and each side carries its own.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use http::header;

use crate::problem::{Detailed, OAuthError};
use crate::{Form, Gate, SignedIn, cookie};

/// Whoever calls `POST /auth/token` or `POST /auth/revoke`, proved.
///
/// A form that names a client or a grant is a client's: no session is looked for, its errors are OAuth's, and it
/// is refused if a session cookie comes with it, because an answer to a request with a cookie must never hold a
/// refresh token. Everything else is the page's, which proves itself as on every session route.
pub enum TokenParty {
    /// The page, with a live session, from our own origin.
    Page(Box<SignedIn>, Form),
    /// A registered client. It is public: that it says its name is all it can do (RFC 6749 §2.1).
    Client(RegisteredClient, Form),
}

/// A client that the registry knows.
pub struct RegisteredClient {
    id: String,
}

impl RegisteredClient {
    /// Its `client_id`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl FromRequest<Gate> for TokenParty {
    type Rejection = Detailed;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Detailed> {
        let (mut parts, body) = request.into_parts();
        let has_cookie = cookie::names_session(&parts.headers, &gate.base_url);
        let form = Form::from_request(Request::from_parts(parts.clone(), body), gate).await;
        let form = match form {
            Ok(form) => form,
            Err(problem) if has_cookie => return Err(problem.into()),
            Err(_) => return Err(OAuthError::InvalidRequest.into()),
        };
        if form.get("grant_type").is_none() && form.get("client_id").is_none() {
            if !has_cookie && !form.is_empty() {
                return Err(OAuthError::InvalidRequest.into());
            }
            let signed_in = SignedIn::from_request_parts(&mut parts, gate).await?;
            return Ok(Self::Page(Box::new(signed_in), form));
        }
        if has_cookie {
            return Err(OAuthError::InvalidRequest.into());
        }
        // Whoever proves more than a name is no public client, and none of ours.
        let proves = ["client_secret", "client_assertion", "client_assertion_type"];
        if parts.headers.contains_key(header::AUTHORIZATION)
            || proves.iter().any(|name| form.get(name).is_some())
        {
            return Err(OAuthError::InvalidClient.into());
        }
        let registry = gate.registry.current(gate.clock.now()).await?;
        let known = form.get("client_id").filter(|id| registry.clients.contains_key(*id));
        let id = known.ok_or(OAuthError::InvalidClient)?.to_owned();
        Ok(Self::Client(RegisteredClient { id }, form))
    }
}
