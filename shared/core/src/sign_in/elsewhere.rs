//! The way to a tenant's own region: the same request there, and nothing of the person.

use url::Url;

use super::begin::Click;
use super::pending::Intent;
use crate::tenant::TenantId;

/// The address at which the same sign-in begins in another region.
pub(super) fn login(region: &Url, click: &Click<'_>, tenant: Option<&TenantId>) -> Url {
    address(region, click.provider, &click.intent, tenant)
}

/// The same, from what is left when the provider has answered.
pub(super) fn address(
    region: &Url,
    provider: &str,
    intent: &Intent,
    tenant: Option<&TenantId>,
) -> Url {
    let mut url = region.clone();
    let tenant = tenant.map(TenantId::as_str);
    match intent {
        Intent::Browser { target } => {
            url.set_path(&format!("/auth/login/{provider}"));
            fill(&mut url, &[("target", Some(target.as_str())), ("tenant", tenant)]);
        }
        Intent::Client(request) => {
            url.set_path("/auth/authorize");
            fill(
                &mut url,
                &[
                    ("response_type", Some("code")),
                    ("client_id", Some(&request.client_id)),
                    ("redirect_uri", Some(&request.redirect_uri)),
                    ("code_challenge", Some(&request.challenge)),
                    ("code_challenge_method", Some("S256")),
                    ("state", request.state.as_deref()),
                    ("scope", request.scope.as_deref()),
                    ("resource", request.resource.as_deref()),
                    ("provider", Some(provider)),
                    ("tenant", tenant),
                ],
            );
        }
    }
    url
}

/// Adds the pairs that have a value to an address.
pub(super) fn fill(url: &mut Url, pairs: &[(&str, Option<&str>)]) {
    let mut query = url.query_pairs_mut();
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
}
