//! The token request of a client without a cookie: a code or a refresh token for an access token and the next
//! refresh token.
//!
//! Order: the grant is found good; the access token is made, for which the rules of signing in are applied again;
//! the grant is used up. An outage before the last step leaves the client with a grant that is still good.

use url::Url;
use zeroize::Zeroizing;

use super::{
    AccessToken, Families, Family, GrantError, Holder, IssueError, Presented, Redemption, Wish,
    allowed, issue,
};
use crate::audit::{Actor, Entry, Trail};
use crate::clock::Timestamp;
use crate::identity::{Refusal, admission};
use crate::parts::Parts;
use crate::records::StoreError;
use crate::registry::{Registry, own_audience};
use crate::secrets::own::OwnSecrets;

/// What a client gives.
pub enum Grant<'a> {
    /// The code of a sign-in (RFC 6749 §4.1.3).
    Code(Redemption<'a>),
    /// A refresh token (RFC 6749 §6).
    Refresh(Presented<'a>),
}

/// What a client gets.
pub struct Tokens {
    /// For the API.
    pub access: AccessToken,
    /// For the next request.
    pub refresh: Zeroizing<String>,
}

/// Why a client gets nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Something is away. The grant is as good as before, or leads to the same answer for half a minute.
    #[error(transparent)]
    Outage(#[from] StoreError),
    /// The grant is not good, or the person is not let in any more.
    #[error("the grant is not good")]
    InvalidGrant,
    /// The scope is none, or wider than what was granted.
    #[error("the scope is not one of those granted")]
    InvalidScope,
    /// The resource is not the one that was granted.
    #[error("the resource is not the one granted")]
    InvalidTarget,
    /// The person's tenant lives in another region now, at this address.
    #[error("the tenant lives elsewhere")]
    Elsewhere(Url),
}

/// A grant that was found good.
enum Good {
    Code(super::Redeemable),
    Refresh(super::Rotatable),
}

/// Answers a token request of a client that the registry knows.
pub async fn exchange(
    parts: &Parts,
    registry: &Registry,
    grant: &Grant<'_>,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<Tokens, ExchangeError> {
    let families = Families::new(&*parts.records, &*parts.random);
    let secrets = OwnSecrets::new(&*parts.secrets, &parts.memory.own_secrets);
    let good = match grant {
        Grant::Code(redemption) => Good::Code(families.present_code(redemption, now).await?),
        Grant::Refresh(presented) => {
            Good::Refresh(families.present(presented, &secrets, now).await?)
        }
    };
    let access = issue_to(parts, registry, good.family(), wish, now).await?;
    let refresh = match good {
        Good::Code(redeemable) => families.redeem(redeemable, &secrets, now).await?,
        Good::Refresh(rotatable) => families.rotate(rotatable, now).await?,
    };
    Ok(Tokens { access, refresh })
}

impl Good {
    const fn family(&self) -> &Family {
        match self {
            Self::Code(redeemable) => redeemable.family(),
            Self::Refresh(rotatable) => rotatable.family(),
        }
    }
}

async fn issue_to(
    parts: &Parts,
    registry: &Registry,
    family: &Family,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<AccessToken, ExchangeError> {
    let own = own_audience(&parts.base_url);
    let audience = family.resource.as_deref().unwrap_or(&own);
    // The grant says what the tokens are for. A request may repeat it, and not change it (RFC 8707 §2.2).
    if wish.audience.is_some_and(|asked| asked != audience) {
        return Err(ExchangeError::InvalidTarget);
    }
    let scope = scope_of(registry, family, audience, wish.scope)?;
    let holder = Holder {
        sign_in: &family.sign_in,
        session_id: &family.session_id,
        begun_at: family.begun_at,
        ends_at: family.ends_at,
        client_id: &family.client_id,
    };
    let wish = Wish { audience: Some(audience), scope: scope.as_deref() };
    match issue(parts, registry, &holder, &wish, now).await {
        Ok(access) => Ok(access),
        Err(IssueError::Outage(away)) => Err(away.into()),
        Err(IssueError::InvalidTarget) => Err(ExchangeError::InvalidTarget),
        Err(IssueError::InvalidScope) => Err(ExchangeError::InvalidScope),
        Err(IssueError::Elsewhere(url)) => Err(ExchangeError::Elsewhere(url)),
        Err(IssueError::Refused(refusal)) => {
            tell_refusal(parts, &holder, refusal, now).await?;
            Err(ExchangeError::InvalidGrant)
        }
    }
}

/// The scope to issue: what is asked for, if all of it was granted; else what was granted and the person still
/// may have. `None` is everything that the person may have.
fn scope_of(
    registry: &Registry,
    family: &Family,
    audience: &str,
    asked: Option<&str>,
) -> Result<Option<String>, ExchangeError> {
    let Some(granted) = &family.scope else { return Ok(asked.map(str::to_owned)) };
    let granted: Vec<&str> = granted.split(' ').collect();
    if let Some(asked) = asked {
        let is_granted = asked.split(' ').all(|scope| granted.contains(&scope));
        return if is_granted {
            Ok(Some(asked.to_owned()))
        } else {
            Err(ExchangeError::InvalidScope)
        };
    }
    let api = registry.apis.get(audience).ok_or(ExchangeError::InvalidTarget)?;
    let admitted = admission(registry, &family.sign_in.facts, &family.sign_in.tenant);
    // Whoever is not admitted is refused when the token is made.
    let Ok(admitted) = admitted else { return Ok(None) };
    let mut kept = allowed(&admitted, api);
    kept.retain(|scope| granted.contains(scope));
    if kept.is_empty() { Err(ExchangeError::InvalidScope) } else { Ok(Some(kept.join(" "))) }
}

/// Writes down that somebody who is signed in was refused a token: one entry an hour for each reason, however
/// often they ask.
pub async fn tell_refusal(
    parts: &Parts,
    holder: &Holder<'_>,
    refusal: Refusal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entry = Entry {
        tenant: holder.sign_in.tenant.clone(),
        actor: Actor::Session(holder.session_id.to_owned()),
        action: "token.issue",
        resource: holder.session_id.to_owned(),
        outcome: refusal.code().into(),
    };
    Trail::new(&*parts.records, &*parts.random).append_hourly(&entry, now).await
}

impl From<GrantError> for ExchangeError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Store(away) => Self::Outage(away),
            GrantError::Refused => Self::InvalidGrant,
        }
    }
}
