//! An identity provider as it is written, and what it must be.

use url::{Host, Url};

use super::form::{WrittenHuman, WrittenProvider};
use super::read::check_address;
use super::{ClientAuthentication, Human, Provider, ProviderKind};
use crate::mistakes::Notes;
use crate::secrets::SecretName;

/// Algorithms that prove with a public key. Anything else could be forged by whoever knows that key.
const ALGORITHMS: [&str; 8] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];

/// Reads a provider: what the document leaves out follows from its kind.
pub(super) fn provider(
    name: &str,
    written: WrittenProvider,
    base_url: &Url,
    notes: &mut Notes,
) -> Option<Provider> {
    let at = format!("providers.{name}");
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !name.bytes().all(plain) || name.len() > 40 {
        notes.note(&at, "a name must be 1 to 40 characters of a-z 0-9 -");
    }
    let Some(kind) = ProviderKind::ALL.into_iter().find(|kind| kind.facts().name == written.kind)
    else {
        notes.note(format!("{at}.kind"), "must be entra, google, salesforce or oidc");
        return None;
    };
    let facts = kind.facts();
    let mut missing = |member: &str| {
        notes.note(format!("{at}.{member}"), format!("missing; {}", facts.note));
    };
    let issuer = written.issuer.or_else(|| facts.issuer.map(str::to_owned));
    let issuer = issuer.or_else(|| (missing("issuer"), None).1)?;
    let tenant_claim = written.tenant_claim.or_else(|| facts.tenant_claim.map(str::to_owned));
    let tenant_claim = tenant_claim.or_else(|| (missing("tenant_claim"), None).1)?;
    let address = check_address(&issuer.replace("{tenantid}", "common"), base_url);
    if let Err(problem) = &address {
        notes.note(format!("{at}.issuer"), problem);
    }
    let is_near = address.as_ref().is_ok_and(is_on_this_machine);
    let people = people(&at, written.people, is_near, notes);
    let authentication = authentication(&at, written.client_authentication.as_deref(), notes)
        .unwrap_or(facts.authentication);
    let reference = match authentication {
        ClientAuthentication::PrivateKeyJwt => ("private_key", written.private_key),
        _ => ("client_secret", written.client_secret),
    };
    let secret = secret(&at, reference, notes)?;
    let algorithms = written.algorithms.unwrap_or_else(|| vec!["RS256".into()]);
    if algorithms.is_empty() || !algorithms.iter().all(|one| ALGORITHMS.contains(&one.as_str())) {
        notes.note(format!("{at}.algorithms"), format!("must be among {}", ALGORITHMS.join(", ")));
    }
    let scopes =
        written.scopes.unwrap_or_else(|| facts.scopes.iter().map(|s| (*s).into()).collect());
    if !scopes.iter().any(|scope| scope == "openid") {
        notes.note(format!("{at}.scopes"), "must hold openid");
    }
    Some(Provider {
        name: name.to_owned(),
        kind,
        title: written.title.unwrap_or_else(|| name.to_owned()),
        issuer,
        client_id: written.client_id,
        authentication,
        secret,
        algorithms,
        scopes,
        tenant_claim,
        groups_claim: written.groups_claim.unwrap_or_else(|| facts.groups_claim.into()),
        people,
    })
}

fn authentication(
    at: &str,
    written: Option<&str>,
    notes: &mut Notes,
) -> Option<ClientAuthentication> {
    match written? {
        "client_secret_basic" => Some(ClientAuthentication::SecretBasic),
        "client_secret_post" => Some(ClientAuthentication::SecretPost),
        "private_key_jwt" => Some(ClientAuthentication::PrivateKeyJwt),
        _ => {
            let known = "must be client_secret_basic, client_secret_post or private_key_jwt";
            notes.note(format!("{at}.client_authentication"), known);
            None
        }
    }
}

fn secret(
    at: &str,
    (member, written): (&str, Option<String>),
    notes: &mut Notes,
) -> Option<SecretName> {
    let name = written.map(SecretName::new);
    match name {
        Some(Ok(name)) if name.as_str().starts_with("provider-") => Some(name),
        // The value is not repeated: it may be the secret itself.
        _ => {
            notes.note(
                format!("{at}.{member}"),
                "give the name of a secret in the vault, of a-z 0-9 - and beginning with provider-",
            );
            None
        }
    }
}

/// Whoever may be named to everybody who opens the sign-in page: the people of a provider that vouches for whatever
/// is clicked, and that answers nobody but this machine.
fn people(at: &str, written: Vec<WrittenHuman>, is_near: bool, notes: &mut Notes) -> Vec<Human> {
    if !written.is_empty() && !is_near {
        let problem = "can be listed only of a provider on this machine: everybody could read them";
        notes.note(format!("{at}.people"), problem);
    }
    let of =
        |WrittenHuman { login_hint, name, tenant, role }| Human { login_hint, name, tenant, role };
    written.into_iter().map(of).collect()
}

fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
