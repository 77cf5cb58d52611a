//! Issues access tokens (RFC 9068), for a session or for a refresh family alike.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;
use zeroize::Zeroizing;

use super::claims::{Claims, TOKEN_LIFE, provider_session};
use super::{RingKey, Sha256Digest, issuer};
use crate::clock::Timestamp;
use crate::identity::{Admission, Refusal, admission};
use crate::outage::Outage;
use crate::parts::Parts;
use crate::random::{Random, draw};
use crate::records::StoreError;
use crate::registry::{Api, Registry, own_audience};
use crate::session::SignIn;

/// The `client_id` of the page. No client of the registry may have it.
pub const BROWSER_CLIENT: &str = "browser";
/// By how much a token's life is shortened at most, so that the tokens of a busy minute are not renewed in one.
const JITTER: Duration = Duration::from_secs(20);

/// Who holds the token that is wished for: a session, or a refresh family. The caller has just found it alive.
#[derive(Clone, Copy)]
pub struct Holder<'a> {
    /// What its sign-in established.
    pub sign_in: &'a SignIn,
    /// Its public id, the token's `sid`.
    pub session_id: &'a str,
    /// When it was begun. Cuts are compared with this.
    pub begun_at: Timestamp,
    /// When it ends in any case. No token outlives it.
    pub ends_at: Timestamp,
    /// Which client asks.
    pub client_id: &'a str,
}

/// What is wished for.
#[derive(Clone, Copy, Default)]
pub struct Wish<'a> {
    /// For which API (RFC 8707); `None` is our own.
    pub audience: Option<&'a str>,
    /// Which scopes, separated by spaces; `None` is all that the person may have there.
    pub scope: Option<&'a str>,
}

/// An access token and what its receiver must be told about it.
pub struct AccessToken {
    /// The token.
    pub text: Zeroizing<String>,
    /// When it ends, to the second.
    pub expires_at: Timestamp,
    /// Its scopes, separated by spaces.
    pub scope: String,
    /// The API it is for.
    pub audience: String,
    /// The role that the person has at this moment.
    pub role: String,
}

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The keys or their custody are away.
    #[error(transparent)]
    Outage(#[from] StoreError),
    /// There is no such API (RFC 8707 §2: `invalid_target`).
    #[error("there is no such API")]
    InvalidTarget,
    /// A scope that the person may not have there, or none at all (RFC 6749 §5.2: `invalid_scope`).
    #[error("the person may not have that scope there")]
    InvalidScope,
    /// The person's tenant lives in another region now, at this address.
    #[error("the tenant lives elsewhere")]
    Elsewhere(Url),
    /// The person would not be let in any more.
    #[error("the person is refused: {}", .0.code())]
    Refused(Refusal),
}

/// Issues a token to a holder that is alive. The rules of signing in are applied to its facts again.
pub async fn issue(
    parts: &Parts,
    registry: &Registry,
    holder: &Holder<'_>,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<AccessToken, IssueError> {
    let SignIn { tenant, facts, .. } = holder.sign_in;
    let admission = admission(registry, facts, tenant).map_err(IssueError::Refused)?;
    if let Some(elsewhere) = admission.elsewhere {
        return Err(IssueError::Elsewhere(elsewhere));
    }
    let audience = wish.audience.map_or_else(|| own_audience(&parts.base_url), str::to_owned);
    let api = registry.apis.get(&audience).ok_or(IssueError::InvalidTarget)?;
    let scope = granted(&admission, api, wish.scope)?.join(" ");
    let key = parts.memory.keys.current(&*parts.records, &*parts.random, now).await?;
    let expires_at = end(holder, &*parts.random, now);
    let claims = Claims {
        iss: issuer(&parts.base_url).into(),
        aud: api.audience.clone(),
        exp: expires_at.secs(),
        iat: now.secs(),
        nbf: now.secs(),
        jti: hex::encode(draw::<16>(&*parts.random)).into(),
        scope: scope.clone(),
        role: admission.role.clone(),
        ..described(holder, api)
    };
    let text = sign(parts, &key, &claims, api).await?;
    let Admission { role, .. } = admission;
    Ok(AccessToken { text, expires_at, scope, audience, role })
}

/// The scopes that a person may have at an API: those of the role that the API knows, in the role's order.
#[must_use]
pub fn allowed<'a>(admission: &'a Admission, api: &Api) -> Vec<&'a str> {
    let known = admission.scopes.iter().filter(|scope| api.scopes.contains(scope));
    known.map(String::as_str).collect()
}

fn granted<'a>(
    admission: &'a Admission,
    api: &Api,
    asked: Option<&str>,
) -> Result<Vec<&'a str>, IssueError> {
    let allowed = allowed(admission, api);
    let granted: Vec<&str> = match asked {
        None => allowed,
        Some(asked) => {
            let asked: Vec<&str> = asked.split(' ').collect();
            if !asked.iter().all(|scope| allowed.contains(scope)) {
                return Err(IssueError::InvalidScope);
            }
            allowed.into_iter().filter(|scope| asked.contains(scope)).collect()
        }
    };
    // A token that grants nothing would look like success.
    if granted.is_empty() { Err(IssueError::InvalidScope) } else { Ok(granted) }
}

/// The claims that follow from who holds the token. The others are left empty.
fn described<'a>(holder: &Holder<'_>, api: &Api) -> Claims<'a> {
    let SignIn { tenant, facts, .. } = holder.sign_in;
    Claims {
        iss: Cow::default(),
        sub: facts.person.public_id(),
        aud: String::new(),
        exp: 0,
        iat: 0,
        nbf: 0,
        jti: Cow::default(),
        tid: tenant.as_str().to_owned(),
        scope: String::new(),
        role: String::new(),
        client_id: holder.client_id.to_owned(),
        sid: holder.session_id.to_owned(),
        session_iat: holder.begun_at.millis(),
        psid: provider_session(facts).map(|digest| digest.to_string()),
        auth_time: facts.auth_time.map(Timestamp::secs),
        acr: facts.acr.clone(),
        amr: facts.amr.clone(),
        name: facts.name.clone().filter(|_| api.with_name),
        email: facts.email.clone().filter(|_| api.with_email),
        cnf: None,
    }
}

/// When a token issued now ends, in whole seconds, as it will be read.
fn end(holder: &Holder<'_>, random: &dyn Random, now: Timestamp) -> Timestamp {
    let [drawn] = draw::<1>(random);
    let jitter = Duration::from_secs(u64::from(drawn) % (JITTER.as_secs() + 1));
    let end = (now + TOKEN_LIFE).before(jitter).min(holder.ends_at);
    Timestamp::from_secs(end.secs())
}

async fn sign(
    parts: &Parts,
    key: &RingKey,
    claims: &Claims<'_>,
    api: &Api,
) -> Result<Zeroizing<String>, StoreError> {
    let mut text = claims
        .signing_input(&key.id, &api.aliases)
        .map_err(|error| Outage::harmless("write an access token", error))?;
    let digest = Sha256Digest::of(text.as_bytes());
    let signature = parts.signer.sign(&key.handle, &digest).await?;
    let signature = signature.ok_or_else(|| {
        Outage::harmless("sign an access token", "the custody has lost the current key")
    })?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(text)
}
