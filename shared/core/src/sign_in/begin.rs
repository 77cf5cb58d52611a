//! The beginning: from a click to the provider's door.
//!
//! A fresh sign-in that our own page began ends the session that the browser still has, so that whoever uses
//! the machine next inherits nothing. A step-up lets it go on until the person has proved who they are.
//!
//! Order: everything that can fail elsewhere, then the end of the session, then the answer. Stopped in between,
//! the person is signed out and has to click again.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::ended::end_session;
use super::pending::{Carried, Demand, Intent, Pending, draw_text};
use super::sealing::Sealer;
use super::slots::choose_slot;
use super::{Failed, NotSignedIn, SignInRefusal, elsewhere};
use crate::clock::Timestamp;
use crate::identity::{Asked, Identity};
use crate::parts::Parts;
use crate::registry::{Provider, Registry};
use crate::secrets::SecretBytes;
use crate::session::{SessionDigest, SessionKey, Sessions};
use crate::tenant::TenantId;

/// The longest list of authentication contexts that may be asked for.
const LONGEST_ACR: usize = 256;
/// The longest hint: an address of e-mail has at most 254 bytes.
const LONGEST_HINT: usize = 256;
/// The prompt that makes a provider ask again for the proof that it remembers.
const AGAIN: &str = "login";

/// What somebody clicked.
#[derive(Debug)]
pub struct Click<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// What the sign-in is for.
    pub intent: Intent,
    /// What the person must prove.
    pub demand: Demand,
    /// The tenant that the person wants to act in.
    pub tenant: Option<&'a str>,
    /// Whom the provider is to expect (OpenID Connect Core §3.1.2.1). It goes there and nowhere else.
    pub login_hint: Option<&'a str>,
    /// What becomes of the session that the browser has.
    pub standing: Standing<'a>,
    /// The cookies of the slots.
    pub carried: &'a Carried,
}

/// The session that a browser has when somebody clicks.
#[derive(Debug)]
pub enum Standing<'a> {
    /// None that we may touch: there is none, or another site began the sign-in, or it is for a client.
    Untouched,
    /// It ends now.
    Ends(&'a SessionKey),
    /// It goes on, and is replaced when the same person has proved again who they are.
    StepsUp(&'a SessionKey),
}

/// Where the browser goes, and what it carries from now on.
#[derive(Debug)]
pub enum Begun {
    /// To the provider.
    AtProvider {
        /// Its address, with all that it is asked.
        location: Url,
        /// The slot that the sign-in takes.
        slot: usize,
        /// What stands in the slot's cookie.
        sealed: String,
    },
    /// To the region where the tenant lives, to begin there.
    Elsewhere(Url),
    /// Back to the client that wants a code, with an error.
    ToClient(Url),
}

/// Begins a sign-in. It writes nothing, unless a session ends. A client that waits for a code is told of a
/// failure at its own address.
pub async fn begin(parts: &Parts, click: Click<'_>, now: Timestamp) -> Result<Begun, Failed> {
    let intent = click.intent.clone();
    match (proceed(parts, click, now).await, intent) {
        (Ok(begun), _) => Ok(begun),
        (Err(why), Intent::Client(request)) => {
            Ok(Begun::ToClient(why.told_to(&request, &parts.base_url)?))
        }
        (Err(why), Intent::Browser { target }) => Err(Failed { why, target: Some(target) }),
    }
}

async fn proceed(parts: &Parts, click: Click<'_>, now: Timestamp) -> Result<Begun, NotSignedIn> {
    let registry = parts.registry.current(now).await?;
    let provider = registry.providers.get(click.provider).ok_or(SignInRefusal::UnknownProvider)?;
    check(&click)?;
    let tenant = click.tenant.map(TenantId::new).transpose();
    let tenant = tenant.map_err(|_| SignInRefusal::BadRequest)?;
    if let Some(region) = region_of(&registry, tenant.as_ref()) {
        return Ok(Begun::Elsewhere(elsewhere::login(region, &click, tenant.as_ref())));
    }
    let (replaces, tenant) = stepping_up(parts, &click.standing, tenant, now).await?;
    let pending = Pending {
        state: draw_text(&*parts.random),
        nonce: draw_text(&*parts.random),
        verifier: SecretBytes::new(draw_text(&*parts.random).into_bytes()),
        provider: provider.name.clone(),
        intent: click.intent,
        demand: click.demand,
        tenant,
        replaces,
        begun_at: now,
    };
    let location = ask(parts, provider, (&pending, click.login_hint), now).await?;
    let sealed = pending.seal(&Sealer::new(parts), now).await?;
    let slot = choose_slot(parts, click.carried, now).await;
    if let Standing::Ends(key) = click.standing {
        end_session(parts, &key.digest(), "new_sign_in", now).await?;
    }
    Ok(Begun::AtProvider { location, slot, sealed })
}

/// Where a provider sends its answers: one address each, so that an answer tells whose it is.
pub(super) fn callback_uri(base_url: &Url, provider: &str) -> String {
    format!("{base_url}auth/callback/{provider}")
}

fn check(click: &Click<'_>) -> Result<(), SignInRefusal> {
    let plain = |b: u8| b.is_ascii_graphic() || b == b' ';
    let fits = |acr: &String| acr.len() <= LONGEST_ACR && acr.bytes().all(plain);
    let fine = click.demand.acr_values.as_ref().is_none_or(fits);
    let hints = |hint: &str| hint.len() <= LONGEST_HINT && !hint.contains(char::is_control);
    if fine && click.login_hint.is_none_or(hints) { Ok(()) } else { Err(SignInRefusal::BadRequest) }
}

fn region_of<'a>(registry: &'a Registry, tenant: Option<&TenantId>) -> Option<&'a Url> {
    registry.elsewhere(registry.tenants.get(tenant?)?)
}

/// The session to replace, and the tenant to come back to.
async fn stepping_up(
    parts: &Parts,
    standing: &Standing<'_>,
    tenant: Option<TenantId>,
    now: Timestamp,
) -> Result<(Option<SessionDigest>, Option<TenantId>), NotSignedIn> {
    let Standing::StepsUp(key) = standing else { return Ok((None, tenant)) };
    let sessions = Sessions::new(&*parts.records, &*parts.random);
    let Some(session) = sessions.find(key, now).await? else { return Ok((None, tenant)) };
    Ok((Some(key.digest()), Some(tenant.unwrap_or(session.sign_in.tenant))))
}

async fn ask(
    parts: &Parts,
    provider: &Provider,
    (pending, login_hint): (&Pending, Option<&str>),
    now: Timestamp,
) -> Result<Url, NotSignedIn> {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, pending.verifier.expose()));
    let Demand { max_age_secs, acr_values } = &pending.demand;
    let unspecified = max_age_secs.is_none() && acr_values.is_none();
    let asked = Asked {
        state: &pending.state,
        nonce: &pending.nonce,
        challenge: &challenge,
        redirect_uri: &callback_uri(&parts.base_url, &provider.name),
        max_age: pending.demand.max_age(),
        acr_values: acr_values.as_deref(),
        login_hint,
        prompt: (pending.replaces.is_some() && unspecified).then_some(AGAIN),
    };
    Ok(Identity::new(parts).authorization_url(provider, &asked, now).await?)
}

impl Demand {
    pub(super) fn max_age(&self) -> Option<Duration> {
        self.max_age_secs.map(|secs| Duration::from_secs(secs.into()))
    }
}
