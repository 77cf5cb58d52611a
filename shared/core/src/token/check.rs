//! Checks access tokens of ours (RFC 9068 §4), as every API of ours must.
//!
//! What is remembered of a token is what it says, never that it may pass: its end, its audience, its key and the
//! revocations are looked at each time.

use std::sync::Arc;

use super::claims::{
    ALGORITHM, Claims, Header, MAX_TOKEN_BYTES, MEDIA_TYPE, Shape, TOKEN_LIFE, TYPE,
    provider_session,
};
use super::issue::{BROWSER_CLIENT, allowed};
use super::remembered::{Known, Presented};
use super::remembered_keys::Keys;
use super::{Sha256Digest, issuer};
use crate::clock::Timestamp;
use crate::identity::Admission;
use crate::outage::Outage;
use crate::parts::Parts;
use crate::records::StoreError;
use crate::registry::Api;
use crate::revocation::{CutDigest, GRACE};
use crate::session::{Session, SignIn};
use crate::tenant::TenantId;

/// What a token says about its bearer. Facts: whether they suffice for something is decided where it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The person's public id.
    pub subject: String,
    /// The tenant that the person acts in.
    pub tenant: TenantId,
    /// The role when the token was issued.
    pub role: String,
    /// What the token may be used for, separated by spaces.
    pub(super) scope: String,
    /// The person's name, where the provider says it and the API is told.
    pub name: Option<String>,
    /// The client that it was issued to.
    pub client_id: String,
    /// The public id of the session or family behind it.
    pub session_id: String,
    /// The API it is for.
    pub audience: String,
    /// When that session or family was begun.
    pub begun_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the person last proved who they are to their provider.
    pub auth_time: Option<Timestamp>,
    /// The class of that proof.
    pub acr: Option<String>,
    /// Its methods.
    pub amr: Vec<String>,
    /// The digest of the [`Cut`](crate::revocation::Cut) of the provider's session, where the provider named one.
    pub provider_session: Option<CutDigest>,
}

impl Access {
    /// What the token may be used for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// What a session gives its page at an API without a token: as much as a token for it would.
    #[must_use]
    pub fn of_session(session: &Session, admission: &Admission, api: &Api) -> Self {
        let SignIn { tenant, facts, .. } = &session.sign_in;
        Self {
            subject: facts.person.public_id(),
            tenant: tenant.clone(),
            role: admission.role.clone(),
            scope: allowed(admission, api).join(" "),
            name: facts.name.clone().filter(|_| api.with_name),
            client_id: BROWSER_CLIENT.to_owned(),
            session_id: session.id.clone(),
            audience: api.audience.clone(),
            begun_at: session.begun_at,
            expires_at: session.idle_ends_at.min(session.ends_at),
            auth_time: facts.auth_time,
            acr: facts.acr.clone(),
            amr: facts.amr.clone(),
            provider_session: provider_session(facts),
        }
    }
}

/// Why a token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The keys or the revocations are away: nothing is known about the token.
    #[error(transparent)]
    Outage(#[from] StoreError),
    /// The token is not good here.
    #[error("the token is not good: {}", .0.code())]
    Invalid(Invalid),
}

/// What is wrong with a token. For the log: the bearer learns only that it is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It does not have the shape of a signed token, or its parts cannot be read.
    Malformed,
    /// It is another kind of token.
    WrongType,
    /// It is not signed with RS256.
    WrongAlgorithm,
    /// It names no key of ours.
    UnknownKey,
    /// The signature was not made by the key that it names.
    BadSignature,
    /// Somebody else issued it.
    WrongIssuer,
    /// It is bound to a key that its bearer has not proved (RFC 9449 §7.2).
    Bound,
    /// It was made to live longer than any token of ours.
    LivesTooLong,
    /// It is over.
    Expired,
    /// It was issued in the future.
    NotYet,
    /// It is for another API.
    WrongAudience,
    /// It was taken back.
    Revoked,
}

impl Invalid {
    /// A word for the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WrongType => "wrong_type",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongIssuer => "wrong_issuer",
            Self::Bound => "bound",
            Self::LivesTooLong => "lives_too_long",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::WrongAudience => "wrong_audience",
            Self::Revoked => "revoked",
        }
    }
}

impl From<Invalid> for CheckError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Outage> for CheckError {
    fn from(outage: Outage) -> Self {
        Self::Outage(outage.into())
    }
}

/// What a token for this audience says, if it is good now and nothing it stands on was taken back.
pub async fn check(
    parts: &Parts,
    token: &str,
    audience: &str,
    now: Timestamp,
) -> Result<Arc<Access>, CheckError> {
    let known = genuine(parts, token, now).await?;
    if known.access.audience != audience {
        return Err(Invalid::WrongAudience.into());
    }
    let revocations = &parts.memory.revocations;
    let endings = revocations.current(&*parts.records, &*parts.random, now).await?;
    if known.is_over(&endings) {
        return Err(Invalid::Revoked.into());
    }
    Ok(Arc::clone(&known.access))
}

/// What a token of ours says that has not expired, whichever API it is for and whether it was taken back or not:
/// for whoever is about to take it back.
pub async fn read(parts: &Parts, token: &str, now: Timestamp) -> Result<Arc<Access>, CheckError> {
    Ok(Arc::clone(&genuine(parts, token, now).await?.access))
}

/// What a token says whose signature, issuer and times are right.
async fn genuine(parts: &Parts, token: &str, now: Timestamp) -> Result<Arc<Known>, CheckError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Invalid::Malformed.into());
    }
    let (input, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
    let presented = Presented { digest: Sha256Digest::of(input.as_bytes()), signature };
    let (records, random) = (&*parts.records, &*parts.random);
    let keys = parts.memory.keys.verifying(records, random, now).await?;
    // A token whose key has left the ring is looked at anew, and then it names no key of ours.
    let remembered = parts.memory.tokens.find(&presented).filter(|known| keys.has(&known.key));
    let known = if let Some(known) = remembered {
        known
    } else {
        let shape = Shape::of(input, signature).ok_or(Invalid::Malformed)?;
        let known = Arc::new(verified(parts, &keys, (&shape, &presented), now).await?);
        parts.memory.tokens.keep(presented.digest, Arc::clone(&known));
        known
    };
    // Our own clock wrote these times, so what has ended has ended. The clocks of two machines may differ.
    if known.access.expires_at <= now {
        return Err(Invalid::Expired.into());
    }
    if known.begins_at > now + GRACE {
        return Err(Invalid::NotYet.into());
    }
    Ok(known)
}

async fn verified(
    parts: &Parts,
    keys: &Keys,
    (shape, presented): (&Shape<'_>, &Presented<'_>),
    now: Timestamp,
) -> Result<Known, CheckError> {
    let key = match keys.named_by(shape.header) {
        Some(key) => key,
        None => named_key(shape)?.into(),
    };
    let renewed;
    let found = if let Some(found) = keys.find(&key) {
        found
    } else {
        let memory = &parts.memory.keys;
        renewed = memory.verifying_again(&*parts.records, &*parts.random, now).await?;
        renewed.find(&key).ok_or(Invalid::UnknownKey)?
    };
    if !found.verifies(&presented.digest, &shape.signature) {
        return Err(Invalid::BadSignature.into());
    }
    let text = shape.claims().ok_or(Invalid::Malformed)?;
    let claims = Claims::read(&text).ok_or(Invalid::Malformed)?;
    let (access, begins_at) = understood(claims, issuer(&parts.base_url))?;
    Ok(Known::new(access, key, begins_at, presented.signature))
}

/// The key that a header names, if it is a header of ours. A name is for looking up and nothing else.
fn named_key(shape: &Shape<'_>) -> Result<String, Invalid> {
    let Header { typ, alg, kid, crit } = shape.read_header().ok_or(Invalid::Malformed)?;
    if !matches!(typ.as_deref(), Some(TYPE | MEDIA_TYPE)) {
        return Err(Invalid::WrongType);
    }
    if alg.as_deref() != Some(ALGORITHM) {
        return Err(Invalid::WrongAlgorithm);
    }
    // Whatever must be understood is not understood here (RFC 7515 §4.1.11).
    if crit.is_some() {
        return Err(Invalid::Malformed);
    }
    kid.ok_or(Invalid::UnknownKey)
}

/// What signed claims say and when they become good, if they are claims that we could have made.
fn understood(claims: Claims<'_>, issuer: &str) -> Result<(Access, Timestamp), Invalid> {
    if claims.iss != issuer {
        return Err(Invalid::WrongIssuer);
    }
    if claims.cnf.is_some() {
        return Err(Invalid::Bound);
    }
    // The feed is followed for as long as a token lives, so none may live longer.
    if claims.exp.saturating_sub(claims.iat) > TOKEN_LIFE.as_secs() {
        return Err(Invalid::LivesTooLong);
    }
    let begins_at = Timestamp::from_secs(claims.iat.max(claims.nbf));
    let access = Access {
        subject: claims.sub,
        tenant: TenantId::new(claims.tid).map_err(|_| Invalid::Malformed)?,
        role: claims.role,
        scope: claims.scope,
        name: claims.name,
        client_id: claims.client_id,
        session_id: claims.sid,
        audience: claims.aud,
        begun_at: Timestamp::from_millis(claims.session_iat),
        expires_at: Timestamp::from_secs(claims.exp),
        auth_time: claims.auth_time.map(Timestamp::from_secs),
        acr: claims.acr,
        amr: claims.amr,
        provider_session: match claims.psid {
            Some(digest) => Some(CutDigest::of_hex(&digest).ok_or(Invalid::Malformed)?),
            None => None,
        },
    };
    Ok((access, begins_at))
}
