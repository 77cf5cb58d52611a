//! The question "in which tenant?", asked of somebody whom several would let in.
//!
//! Nothing is stored for it: what was verified waits, sealed, in the cookie of the sign-in's slot, and is used
//! once, by a mark that is set before the tenant is entered. The registry's rules are applied again then.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::outcome::{Finished, Proved};
use super::pending::{Carried, Intent, LIFE, StoredIntent, draw_text};
use super::sealing::{NotOpened, NotSealed, Purpose, Sealer};
use super::{NotSignedIn, SignInRefusal};
use crate::clock::Timestamp;
use crate::identity::{Admission, Facts, StoredFacts, admission};
use crate::parts::Parts;
use crate::registry::{Registry, RoleRule};
use crate::revocation::{MarkKind, Marks};
use crate::session::{Browser, SessionDigest};
use crate::tenant::TenantId;

/// How long the question waits for its answer.
pub const ASKED_FOR: Duration = LIFE;

/// A tenant that somebody may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosable {
    /// Its id.
    pub tenant: TenantId,
    /// What people call it.
    pub title: String,
}

/// What waits in the cookie.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    id: String,
    facts: StoredFacts,
    intent: StoredIntent,
    replaces: Option<SessionDigest>,
    tenants: Vec<String>,
    until_ms: u64,
}

impl Choice {
    /// Of the groups only those travel that a rule of these tenants names, because a cookie is short. A rule that
    /// is written later counts from the next sign-in on.
    pub(super) fn of(
        parts: &Parts,
        registry: &Registry,
        proved: Proved,
        fitting: &[Admission],
        now: Timestamp,
    ) -> Self {
        let tenants = fitting.iter().filter_map(|one| registry.tenants.get(&one.tenant));
        let rules: Vec<&RoleRule> = tenants.flat_map(|tenant| &tenant.roles).collect();
        let named = |group: &String| {
            rules.iter().filter_map(|rule| rule.groups.as_ref()).any(|all| all.contains(group))
        };
        let mut facts = proved.facts;
        facts.groups.retain(named);
        Self {
            id: draw_text(&*parts.random),
            facts: StoredFacts::from(&facts),
            intent: StoredIntent::of(&proved.intent),
            replaces: proved.replaces,
            tenants: fitting.iter().map(|one| one.tenant.as_str().to_owned()).collect(),
            until_ms: (now + ASKED_FOR).millis(),
        }
    }

    pub(super) async fn seal(&self, parts: &Parts, now: Timestamp) -> Result<String, NotSealed> {
        let until = Timestamp::from_millis(self.until_ms);
        Sealer::new(parts).seal(Purpose::Choice, self, until, now).await
    }

    async fn open(
        parts: &Parts,
        carried: &Carried,
        slot: usize,
        now: Timestamp,
    ) -> Result<Self, NotSignedIn> {
        let text = carried.get(slot).and_then(Option::as_deref).ok_or(SignInRefusal::Lost)?;
        match Sealer::new(parts).open(Purpose::Choice, text, now).await {
            Ok(choice) => Ok(choice),
            Err(NotOpened::Outage(outage)) => Err(outage.into()),
            Err(NotOpened::Foreign | NotOpened::Expired) => Err(SignInRefusal::Lost.into()),
        }
    }

    fn proved(
        self,
        parts: &Parts,
        tenant: &TenantId,
        browser: Option<Browser>,
    ) -> Result<Proved, NotSignedIn> {
        let intent: Intent = self.intent.read(&parts.base_url).map_err(|_| SignInRefusal::Lost)?;
        let facts = Facts::from(self.facts);
        let (tenant, replaces) = (Some(tenant.clone()), self.replaces);
        Ok(Proved { facts, intent, tenant, replaces, browser })
    }
}

/// The tenants that the question in a slot offers, as far as the registry still admits the person to them.
pub async fn choosable(
    parts: &Parts,
    carried: &Carried,
    slot: usize,
    now: Timestamp,
) -> Result<Vec<Choosable>, NotSignedIn> {
    let choice = Choice::open(parts, carried, slot, now).await?;
    let registry = parts.registry.current(now).await?;
    let facts = Facts::from(choice.facts);
    let ids = choice.tenants.into_iter().filter_map(|id| TenantId::new(id).ok());
    let admitted = ids.filter_map(|id| admission(&registry, &facts, &id).ok());
    Ok(admitted.map(|Admission { tenant, title, .. }| Choosable { tenant, title }).collect())
}

/// Answers the question in a slot. Only a tenant that was offered can be chosen, and only once.
pub async fn choose(
    parts: &Parts,
    carried: &Carried,
    (slot, tenant): (usize, &str),
    browser: Option<Browser>,
    now: Timestamp,
) -> Result<Finished, NotSignedIn> {
    let choice = Choice::open(parts, carried, slot, now).await?;
    if !choice.tenants.iter().any(|offered| offered == tenant) {
        return Err(SignInRefusal::BadRequest.into());
    }
    let tenant = TenantId::new(tenant).map_err(|_| SignInRefusal::BadRequest)?;
    let registry = parts.registry.current(now).await?;
    let (id, until) = (choice.id.clone(), Timestamp::from_millis(choice.until_ms));
    let proved = choice.proved(parts, &tenant, browser)?;
    let marks = Marks::new(&*parts.records, &*parts.random);
    if !marks.spend(MarkKind::Choice, &id, until, now).await? {
        return Err(SignInRefusal::Used.into());
    }
    proved.decide(parts, &registry, slot, now).await
}
