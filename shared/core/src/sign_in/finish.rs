//! The provider's answer: which sign-in it belongs to, whether it may be believed, and the one use of its code.
//!
//! Order: the sign-in is found by its state; the answer's origin is checked; what the provider publishes is
//! fetched; the mark of the state is set, once and for all; the code is redeemed. An outage before the mark loses
//! nothing: the same answer can be sent again, by loading the page again, for as long as the provider honours the
//! code. After the mark the answer is used up, whatever comes of it, and sending it again is told so: whether the
//! provider took the code is then not known, and the person signs in anew.

use super::begin::callback_uri;
use super::outcome::{Finished, Proved};
use super::pending::{Carried, Intent, LIFE, Pending};
use super::slots::find_pending;
use super::{Failed, NotSignedIn, SignInRefusal};
use crate::clock::Timestamp;
use crate::identity::{Answered, Facts, Identity, Refusal};
use crate::parts::Parts;
use crate::registry::Registry;
use crate::revocation::{MarkKind, Marks};
use crate::session::Browser;

/// What came to a callback.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The provider whose callback it came to.
    pub provider: &'a str,
    /// Which sign-in it says to belong to.
    pub state: Option<&'a str>,
    /// The code.
    pub code: Option<&'a str>,
    /// Who says to answer (RFC 9207).
    pub iss: Option<&'a str>,
    /// The error, where there is no code.
    pub error: Option<&'a str>,
    /// The cookies of the slots.
    pub carried: &'a Carried,
    /// The browser that brought it.
    pub browser: Option<Browser>,
}

/// Finishes a sign-in. A client that waits for a code is told of a failure at its own address.
pub async fn finish(
    parts: &Parts,
    answer: &Answer<'_>,
    now: Timestamp,
) -> Result<Finished, Failed> {
    let state = answer.state.ok_or(SignInRefusal::Lost)?;
    let (slot, pending) = find_pending(parts, answer.carried, state, now).await?;
    match proceed(parts, answer, &pending, slot, now).await {
        Ok(finished) => Ok(finished),
        Err(why) => match pending.intent {
            Intent::Client(request) => {
                Ok(Finished::ToClient(why.told_to(&request, &parts.base_url)?))
            }
            Intent::Browser { target } => Err(Failed { why, target: Some(target) }),
        },
    }
}

async fn proceed(
    parts: &Parts,
    answer: &Answer<'_>,
    pending: &Pending,
    slot: usize,
    now: Timestamp,
) -> Result<Finished, NotSignedIn> {
    let registry = parts.registry.current(now).await?;
    let facts = redeem(parts, &registry, answer, pending, now).await?;
    let proved = Proved {
        facts,
        intent: pending.intent.clone(),
        tenant: pending.tenant.clone(),
        replaces: pending.replaces.clone(),
        browser: answer.browser.clone(),
    };
    proved.decide(parts, &registry, slot, now).await
}

async fn redeem(
    parts: &Parts,
    registry: &Registry,
    answer: &Answer<'_>,
    pending: &Pending,
    now: Timestamp,
) -> Result<Facts, NotSignedIn> {
    if answer.provider != pending.provider {
        return Err(SignInRefusal::OtherProvider.into());
    }
    let provider = registry.providers.get(&pending.provider);
    let provider = provider.ok_or(SignInRefusal::UnknownProvider)?;
    let identity = Identity::new(parts);
    identity.check_response_issuer(provider, answer.iss, now).await?;
    if let Some(error) = answer.error {
        return Err(refusal_of(error).into());
    }
    let code = answer.code.ok_or(SignInRefusal::BadRequest)?;
    identity.prepare(provider, now).await?;
    let marks = Marks::new(&*parts.records, &*parts.random);
    if !marks.spend(MarkKind::State, &pending.state, pending.begun_at + LIFE, now).await? {
        return Err(SignInRefusal::Used.into());
    }
    let answered = Answered {
        code,
        verifier: &pending.verifier,
        nonce: &pending.nonce,
        redirect_uri: &callback_uri(&parts.base_url, &provider.name),
        max_age: pending.demand.max_age(),
        acr_values: pending.demand.acr_values.as_deref(),
    };
    Ok(identity.redeem(provider, &answered, now).await?.facts)
}

/// What a provider's error means here. Its own words go no further.
fn refusal_of(error: &str) -> SignInRefusal {
    match error {
        "access_denied" | "consent_required" => SignInRefusal::Cancelled,
        "unmet_authentication_requirements" => SignInRefusal::Identity(Refusal::SignInTooWeak),
        _ => SignInRefusal::ProviderError,
    }
}
