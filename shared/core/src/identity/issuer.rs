//! Issuers as a registry writes them: an address, or Entra's template that each organisation fills differently.

use crate::registry::Provider;

/// What stands in a templated issuer for the organisation.
const TEMPLATE: &str = "{tenantid}";

/// Whether the provider may have said that this is its name. A template matches any one organisation in its
/// place, and never the template itself.
pub(super) fn may_issue(provider: &Provider, issuer: &str) -> bool {
    match provider.issuer.split_once(TEMPLATE).filter(|_| is_templated(provider)) {
        None => issuer == provider.issuer,
        Some((before, after)) => issuer
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(is_organisation),
    }
}

fn is_templated(provider: &Provider) -> bool {
    provider.kind.facts().templated_issuer && provider.issuer.contains(TEMPLATE)
}

/// Entra's ids are UUIDs. Nothing that could change the meaning of an address passes for one.
fn is_organisation(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && (1..=64).contains(&text.len())
}
