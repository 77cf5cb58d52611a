//! Proof that a caller may use a route of the API: by a bearer token, or by the session cookie of our own page.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::admission;
use gatelet_core::registry::own_audience;
use gatelet_core::session::Sessions;
use gatelet_core::token::{Access, CheckError, check};
use http::request::Parts as RequestParts;
use http::{HeaderMap, header};

use crate::problem::{Challenge, Detailed, Problem};
use crate::visitor::Visitor;
use crate::{Gate, cookie, csrf};

/// What a route asks of its caller's token (RFC 6749 §3.3). A type for each scope, so that a route's declaration
/// and its handler's proof cannot name two different ones.
pub trait Scope: Send + Sync + 'static {
    /// The scope as it stands in tokens and roles.
    const NAME: &'static str;
}

/// Proof that the caller has the scope `S` at our own API. A handler that takes it cannot run without, and a route
/// declared by [`Routes::api`](crate::Routes::api) must take it.
pub struct Caller<S> {
    access: Arc<Access>,
    scope: PhantomData<fn() -> S>,
}

impl<S> Deref for Caller<S> {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.access
    }
}

impl<S: Scope> FromRequestParts<Gate> for Caller<S> {
    type Rejection = Detailed;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Detailed> {
        let now = gate.clock.now();
        // A request that brings a token is judged by the token alone: the cookie never rescues a bad one.
        let access = match Credential::of(&parts.headers) {
            Credential::Token(token) => by_token(gate, token, now).await?,
            Credential::Unknown => return Err(sign_in_required()),
            Credential::None => Arc::new(by_cookie(gate, parts, now).await?),
        };
        Visitor::is_known(&parts.extensions, &access.tenant, &access.session_id);
        if access.scopes().any(|scope| scope == S::NAME) {
            return Ok(Self { access, scope: PhantomData });
        }
        let refusal = Detailed::from(Problem::InsufficientScope);
        Err(refusal.challenge(Challenge::InsufficientScope(S::NAME)))
    }
}

/// What the `Authorization` header holds. A token is taken from nowhere else.
enum Credential<'a> {
    /// There is no such header.
    None,
    /// A bearer token (RFC 6750 §2.1). It may be anything.
    Token(&'a str),
    /// Something that is not for us, such as a password.
    Unknown,
}

impl<'a> Credential<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let one = match (given.next(), given.next()) {
            (None, _) => return Self::None,
            (Some(one), None) => one.to_str().ok(),
            // Two tokens are none: it would be left to chance which of them counts.
            (Some(_), Some(_)) => return Self::Token(""),
        };
        match one.and_then(|one| one.split_once(' ')) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Self::Token(token),
            _ => Self::Unknown,
        }
    }
}

async fn by_token(gate: &Gate, token: &str, now: Timestamp) -> Result<Arc<Access>, Detailed> {
    match check(gate, token, &own_audience(&gate.base_url), now).await {
        Ok(access) => Ok(access),
        Err(CheckError::Outage(error)) => Err(error.into()),
        Err(CheckError::Invalid(reason)) => {
            tracing::debug!(reason = reason.code(), "refused a token");
            Err(Detailed::from(Problem::InvalidToken).challenge(Challenge::InvalidToken))
        }
    }
}

/// The session is read from the store each time, and its person must still be let in: this way costs a read, and
/// an end of the session is felt at once.
async fn by_cookie(gate: &Gate, parts: &RequestParts, now: Timestamp) -> Result<Access, Detailed> {
    let headers = &parts.headers;
    let key = cookie::find_session_key(headers, &gate.base_url).ok_or_else(sign_in_required)?;
    csrf::check(headers, &gate.base_url)?;
    let sessions = Sessions::new(&*gate.records, &*gate.random);
    let session = sessions.find(&key, now).await?.ok_or_else(sign_in_required)?;
    Visitor::is_known(&parts.extensions, &session.sign_in.tenant, &session.id);
    let registry = gate.registry.current(now).await?;
    let admission = admission(&registry, &session.sign_in.facts, &session.sign_in.tenant)
        .map_err(|_| Problem::NotAdmitted)?;
    if let Some(elsewhere) = admission.elsewhere {
        return Err(Detailed::other_region(elsewhere));
    }
    let audience = own_audience(&gate.base_url);
    let api = registry.apis.get(&audience).ok_or(Problem::Internal)?;
    Ok(Access::of_session(&session, &admission, api))
}

fn sign_in_required() -> Detailed {
    Detailed::from(Problem::SignInRequired).challenge(Challenge::Bearer)
}
