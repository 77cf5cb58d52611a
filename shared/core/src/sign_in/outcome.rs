//! What comes of a proved sign-in: a session, a code for a client, a question, or the way to another region.
//!
//! Order of a session: it is stored, the one it replaces ends, the trail says so, and only then does the browser
//! get the key. Stopped in between, a session stands that nobody has the key of, and it dies of idleness; the
//! replaced one may go on, as after a step-up that was abandoned.

use url::Url;

use super::choice::Choice;
use super::ended::end_session;
use super::pending::{ClientRequest, Intent};
use super::target::ReturnTarget;
use super::{NotSignedIn, SignInRefusal, elsewhere};
use crate::audit::{Actor, Entry, Trail};
use crate::clock::Timestamp;
use crate::identity::{Admission, Facts, Refusal, admission, admissions};
use crate::parts::Parts;
use crate::registry::Registry;
use crate::session::{Browser, SessionDigest, SessionKey, Sessions, SignIn};
use crate::tenant::TenantId;
use crate::token::{Families, Offer};

/// Where a sign-in ended, or stands.
#[derive(Debug)]
pub enum Finished {
    /// In a session.
    SignedIn {
        /// Its key.
        key: SessionKey,
        /// Where the browser goes.
        target: ReturnTarget,
    },
    /// With an answer to a client without a cookie: a code, or an error.
    ToClient(Url),
    /// Several tenants fit: the person must name one.
    Choose {
        /// The slot in which it waits.
        slot: usize,
        /// What stands in the slot's cookie.
        sealed: String,
    },
    /// The tenant lives in another region: it begins again there, and nothing was kept here.
    Elsewhere(Url),
}

/// A person who has proved who they are, and what for.
pub(super) struct Proved {
    pub(super) facts: Facts,
    pub(super) intent: Intent,
    pub(super) tenant: Option<TenantId>,
    pub(super) replaces: Option<SessionDigest>,
    pub(super) browser: Option<Browser>,
}

impl Proved {
    /// Applies the registry's rules: a named tenant must fit, one that fits is entered, of several the person
    /// chooses.
    pub(super) async fn decide(
        self,
        parts: &Parts,
        registry: &Registry,
        slot: usize,
        now: Timestamp,
    ) -> Result<Finished, NotSignedIn> {
        self.check_person(parts, now).await?;
        let mut fitting = match &self.tenant {
            Some(tenant) => admission(registry, &self.facts, tenant).into_iter().collect(),
            None => admissions(registry, &self.facts),
        };
        match (fitting.pop(), fitting.is_empty()) {
            (None, _) => Err(self.refuse(parts, registry, now).await?.into()),
            (Some(only), true) => self.enter(parts, &only, now).await,
            (Some(last), false) => {
                fitting.push(last);
                let sealed =
                    Choice::of(parts, registry, self, &fitting, now).seal(parts, now).await?;
                Ok(Finished::Choose { slot, sealed })
            }
        }
    }

    /// Enters a tenant that the registry admits the person to.
    pub(super) async fn enter(
        self,
        parts: &Parts,
        admitted: &Admission,
        now: Timestamp,
    ) -> Result<Finished, NotSignedIn> {
        let Admission { tenant, role, .. } = admitted;
        if let Some(region) = &admitted.elsewhere {
            let provider = &self.facts.provider;
            let url = elsewhere::address(region, provider, &self.intent, Some(tenant));
            return Ok(Finished::Elsewhere(url));
        }
        let Self { facts, intent, replaces, browser, .. } = self;
        let sign_in = SignIn { tenant: tenant.clone(), role: role.clone(), facts };
        match intent {
            Intent::Browser { target } => {
                let key = begin_session(parts, sign_in, (replaces, browser), now).await?;
                Ok(Finished::SignedIn { key, target })
            }
            Intent::Client(request) => offer(parts, &sign_in, &request, now).await,
        }
    }

    /// Whoever steps up must be whose session it is, or two people would share a page. A session that has ended
    /// meanwhile is nobody's.
    async fn check_person(&self, parts: &Parts, now: Timestamp) -> Result<(), NotSignedIn> {
        let Some(replaced) = &self.replaces else { return Ok(()) };
        let sessions = Sessions::new(&*parts.records, &*parts.random);
        match sessions.find_stored(replaced, now).await? {
            Some(session) if session.sign_in.facts.person != self.facts.person => {
                Err(SignInRefusal::OtherPerson.into())
            }
            _ => Ok(()),
        }
    }

    /// Why nobody is let in. Where the person belongs to a tenant that turned them away, its trail says so.
    async fn refuse(
        &self,
        parts: &Parts,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<SignInRefusal, NotSignedIn> {
        let asked = |id: &&TenantId| self.tenant.as_ref().is_none_or(|tenant| tenant == *id);
        let known = registry.tenants.keys().filter(asked).find_map(|id| {
            match admission(registry, &self.facts, id) {
                Err(refusal) if refusal != Refusal::NoTenant => Some((id, refusal)),
                _ => None,
            }
        });
        let Some((tenant, refusal)) = known else { return Ok(Refusal::NoTenant.into()) };
        let turned_away = entry(tenant, Actor::System("login"), &self.facts, refusal.code());
        append(parts, &turned_away, now).await?;
        Ok(refusal.into())
    }
}

async fn begin_session(
    parts: &Parts,
    sign_in: SignIn,
    (replaces, browser): (Option<SessionDigest>, Option<Browser>),
    now: Timestamp,
) -> Result<SessionKey, NotSignedIn> {
    let (tenant, facts) = (sign_in.tenant.clone(), sign_in.facts.clone());
    let sessions = Sessions::new(&*parts.records, &*parts.random);
    let (key, session) = sessions.begin(sign_in, browser, now).await?;
    if let Some(replaced) = &replaces {
        end_session(parts, replaced, "stepped_up", now).await?;
    }
    append(parts, &entry(&tenant, Actor::Session(session.id), &facts, "ok"), now).await?;
    Ok(key)
}

async fn offer(
    parts: &Parts,
    sign_in: &SignIn,
    request: &ClientRequest,
    now: Timestamp,
) -> Result<Finished, NotSignedIn> {
    let families = Families::new(&*parts.records, &*parts.random);
    let offer = Offer {
        sign_in,
        client_id: &request.client_id,
        redirect_uri: &request.redirect_uri,
        challenge: &request.challenge,
        scope: request.scope.as_deref(),
        resource: request.resource.as_deref(),
    };
    let code = families.offer(&offer, now).await?;
    let SignIn { tenant, facts, .. } = sign_in;
    let offered = entry(tenant, Actor::System("login"), facts, "code_offered");
    append(parts, &offered, now).await?;
    Ok(Finished::ToClient(request.answer(&parts.base_url, code.expose())?))
}

fn entry(tenant: &TenantId, actor: Actor, facts: &Facts, outcome: &str) -> Entry {
    Entry {
        tenant: tenant.clone(),
        actor,
        action: "sign_in",
        resource: facts.person.public_id(),
        outcome: outcome.to_owned(),
    }
}

async fn append(parts: &Parts, entry: &Entry, now: Timestamp) -> Result<(), NotSignedIn> {
    Ok(Trail::new(&*parts.records, &*parts.random).append(entry, now).await?)
}
