//! Issuers as a registry writes them: an address, or Entra's template that each organisation fills differently.

use crate::registry::Provider;

/// What stands in a templated issuer for the organisation.
const TEMPLATE: &str = "{tenantid}";

/// What stands there instead when the document that describes all organisations is fetched: any work account.
const EVERYBODY: &str = "organizations";

/// The address from which the provider's metadata is fetched (OpenID Connect Discovery §4).
pub(super) fn metadata_address(provider: &Provider) -> String {
    let issuer = if is_templated(provider) {
        provider.issuer.replace(TEMPLATE, EVERYBODY)
    } else {
        provider.issuer.clone()
    };
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

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

/// The issuer that a token of this organisation must name. `None` when the issuer is a template and the token
/// names no organisation, or one that is no such id.
pub(super) fn resolved(provider: &Provider, organisation: Option<&str>) -> Option<String> {
    if is_templated(provider) {
        fill(&provider.issuer, organisation?)
    } else {
        Some(provider.issuer.clone())
    }
}

/// A template with an organisation in its place.
pub(super) fn fill(template: &str, organisation: &str) -> Option<String> {
    is_organisation(organisation).then(|| template.replace(TEMPLATE, organisation))
}

pub(super) fn is_templated(provider: &Provider) -> bool {
    provider.kind.facts().templated_issuer && provider.issuer.contains(TEMPLATE)
}

/// Entra's ids are UUIDs. Nothing that could change the meaning of an address passes for one.
fn is_organisation(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && (1..=64).contains(&text.len())
}
