//! Which tenants somebody belongs to, and as what. The same rules are applied at the sign-in, whenever a token
//! is issued, and at each refresh, because a registry may have changed in between.

use url::Url;

use super::{Facts, Refusal, issuer};
use crate::registry::{Provider, Registry, RoleRule, SignInRule, Tenant};
use crate::tenant::TenantId;

/// What the registry grants somebody in one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The tenant.
    pub tenant: TenantId,
    /// What people call the tenant.
    pub title: String,
    /// The person's role there.
    pub role: String,
    /// What the role may ask for.
    pub scopes: Vec<String>,
    /// The address of the region that the tenant lives in, where that is not ours.
    pub elsewhere: Option<Url>,
}

/// Every active tenant that the person belongs to and has a role in, in the order of the tenants' ids.
#[must_use]
pub fn admissions(registry: &Registry, facts: &Facts) -> Vec<Admission> {
    registry.tenants.values().filter_map(|tenant| admit(registry, facts, tenant).ok()).collect()
}

/// Whether the person may act in a tenant, and as what.
pub fn admission(
    registry: &Registry,
    facts: &Facts,
    tenant: &TenantId,
) -> Result<Admission, Refusal> {
    let tenant = registry.tenants.get(tenant).ok_or(Refusal::NoTenant)?;
    admit(registry, facts, tenant)
}

/// Belonging is judged before anything else, so that a stranger learns nothing about a tenant.
fn admit(registry: &Registry, facts: &Facts, tenant: &Tenant) -> Result<Admission, Refusal> {
    let provider = registry.providers.get(&facts.provider).ok_or(Refusal::NoTenant)?;
    if !tenant.sign_in.iter().any(|rule| belongs(rule, provider, facts)) {
        return Err(Refusal::NoTenant);
    }
    if !tenant.active {
        return Err(Refusal::TenantInactive);
    }
    let fitting = tenant.roles.iter().find(|rule| fits(rule, facts)).ok_or(Refusal::NoRole)?;
    let role = registry.roles.get(&fitting.role).ok_or(Refusal::NoRole)?;
    Ok(Admission {
        tenant: tenant.id.clone(),
        title: tenant.title.clone(),
        role: fitting.role.clone(),
        scopes: role.scopes.clone(),
        elsewhere: registry.elsewhere(tenant).cloned(),
    })
}

/// The provider, its issuer and the value of its tenant claim must all be the rule's. An e-mail address is never
/// looked at: its domain proves nothing about who employs somebody.
fn belongs(rule: &SignInRule, provider: &Provider, facts: &Facts) -> bool {
    let Some(claimed) = facts.tenant_claim.as_deref().filter(|claimed| !claimed.is_empty()) else {
        return false;
    };
    let any_case = provider.kind.facts().tenant_in_any_case;
    let same = |written: &String| {
        if any_case { written.eq_ignore_ascii_case(claimed) } else { written == claimed }
    };
    rule.provider == provider.name
        && issuer::may_issue(provider, &facts.person.issuer)
        && provider.kind.may_match(&provider.tenant_claim)
        && rule.matches.iter().any(same)
}

fn fits(rule: &RoleRule, facts: &Facts) -> bool {
    rule.groups.as_ref().is_none_or(|named| named.iter().any(|group| facts.groups.contains(group)))
}
