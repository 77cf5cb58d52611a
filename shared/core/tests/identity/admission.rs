//! Who belongs to which tenant, and as what.

use gatelet_core::identity::{Facts, Person, Refusal, admission, admissions};
use gatelet_core::registry::Registry;
use gatelet_core::tenant::TenantId;
use url::Url;

use crate::house::ORGANISATION;

const REGISTRY: &str = r#"
[regions]
eu = "https://gate.example"
us = "https://us.gate.example"

[roles.admin]
scopes = ["read", "write"]
[roles.reader]
scopes = ["read"]

[providers.corp]
kind = "entra"
client_id = "gate"
client_secret = "provider-corp"

[providers.google]
kind = "google"
client_id = "gate"
client_secret = "provider-google"

[providers.hub]
kind = "oidc"
issuer = "https://hub.example"
client_id = "gate"
client_secret = "provider-hub"
tenant_claim = "hd"

[tenants.acme]
title = "Acme"
region = "eu"
[[tenants.acme.sign_in]]
provider = "corp"
matches = ["0F3A1C52-8A0E-4F59-9D1C-2B7F5C7A9E10"]
[[tenants.acme.sign_in]]
provider = "google"
matches = ["acme.example"]
[[tenants.acme.sign_in]]
provider = "hub"
matches = ["acme.example"]
[[tenants.acme.roles]]
role = "admin"
groups = ["admins"]
[[tenants.acme.roles]]
role = "reader"
groups = ["staff", "admins"]

[tenants.closed]
region = "eu"
active = false
sign_in = [{ provider = "google", matches = ["acme.example"] }]
roles = [{ role = "reader" }]

[tenants.overseas]
region = "us"
sign_in = [{ provider = "google", matches = ["acme.example"] }]
roles = [{ role = "reader" }]
"#;

fn registry() -> Registry {
    Registry::read(REGISTRY, &Url::parse("https://gate.example").unwrap()).unwrap()
}

fn tenant(id: &str) -> TenantId {
    TenantId::new(id).unwrap()
}

fn facts(provider: &str, issuer: &str, claim: &str, groups: &[&str]) -> Facts {
    let person = Person { issuer: issuer.to_owned(), subject: "1".to_owned() };
    Facts {
        tenant_claim: Some(claim.to_owned()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Facts::of(provider, person)
    }
}

fn of_entra(groups: &[&str]) -> Facts {
    let issuer = format!("https://login.microsoftonline.com/{ORGANISATION}/v2.0");
    facts("corp", &issuer, ORGANISATION, groups)
}

fn of_google(claim: &str, groups: &[&str]) -> Facts {
    facts("google", "https://accounts.google.com", claim, groups)
}

fn role_of(facts: &Facts) -> Result<String, Refusal> {
    admission(&registry(), facts, &tenant("acme")).map(|admitted| admitted.role)
}

#[test]
fn the_first_role_that_fits_is_the_persons() {
    let admitted =
        admission(&registry(), &of_entra(&["staff", "admins"]), &tenant("acme")).unwrap();
    assert_eq!((admitted.title.as_str(), admitted.role.as_str()), ("Acme", "admin"));
    assert_eq!(admitted.scopes, ["read", "write"]);
    assert_eq!(admitted.elsewhere, None);
    assert_eq!(role_of(&of_entra(&["staff"])).unwrap(), "reader");
}

// Proves L 25.
#[test]
fn whoever_is_in_no_group_of_the_tenants_is_refused() {
    for groups in [&[][..], &["Staff"], &["staff "], &["admin"]] {
        assert_eq!(role_of(&of_entra(groups)), Err(Refusal::NoRole), "{groups:?}");
    }
}

// Proves std 16; L 10, 25.
#[test]
fn whoever_comes_from_another_organisation_or_provider_is_refused() {
    let issuer = format!("https://login.microsoftonline.com/{ORGANISATION}/v2.0");
    for stranger in [
        facts("corp", &issuer, "11111111-8a0e-4f59-9d1c-2b7f5c7a9e10", &["admins"]),
        facts("corp", &issuer, "", &["admins"]),
        facts("corp", "https://evil.example", ORGANISATION, &["admins"]),
        facts("google", "https://accounts.google.com", ORGANISATION, &["admins"]),
        of_google("0F3A1C52-8A0E-4F59-9D1C-2B7F5C7A9E10", &["admins"]),
        facts("google", "https://evil.example", "acme.example", &["admins"]),
        facts("gone", "https://accounts.google.com", "acme.example", &["admins"]),
        Facts { tenant_claim: None, ..of_entra(&["admins"]) },
    ] {
        assert_eq!(role_of(&stranger), Err(Refusal::NoTenant), "{stranger:?}");
        assert_eq!(admissions(&registry(), &stranger), []);
    }
}

// Proves L 22.
#[test]
fn an_address_never_opens_a_tenant() {
    let mut person = of_google("evil.example", &["admins"]);
    person.email = Some("attacker@evil.example@acme.example".into());
    assert_eq!(role_of(&person), Err(Refusal::NoTenant));
    person.email = Some("ada@acme.example".into());
    assert_eq!(role_of(&person), Err(Refusal::NoTenant));
    for nearly in ["sub.acme.example", "acme.example.evil.example", "ACME.example", "cme.example"] {
        assert_eq!(role_of(&of_google(nearly, &["admins"])), Err(Refusal::NoTenant), "{nearly}");
    }
}

#[test]
fn googles_claim_opens_nothing_in_the_hands_of_another_issuer() {
    let person = facts("hub", "https://hub.example", "acme.example", &["admins"]);
    assert_eq!(role_of(&person), Err(Refusal::NoTenant));
}

// Proves std 76; L 37.
#[test]
fn a_tenant_that_was_switched_off_admits_nobody_and_tells_strangers_nothing() {
    let closed = |facts: &Facts| admission(&registry(), facts, &tenant("closed")).unwrap_err();
    assert_eq!(closed(&of_google("acme.example", &[])), Refusal::TenantInactive);
    assert_eq!(closed(&of_google("evil.example", &[])), Refusal::NoTenant);
    let unknown = admission(&registry(), &of_google("acme.example", &[]), &tenant("none"));
    assert_eq!(unknown, Err(Refusal::NoTenant));
}

#[test]
fn every_open_tenant_with_a_role_is_offered_and_says_where_it_lives() {
    let offered = admissions(&registry(), &of_google("acme.example", &["staff"]));
    let names: Vec<&str> = offered.iter().map(|one| one.tenant.as_str()).collect();
    assert_eq!(names, ["acme", "overseas"]);
    assert_eq!(offered[1].elsewhere, Some(Url::parse("https://us.gate.example").unwrap()));
}

#[test]
fn every_refusal_has_a_code_of_its_own() {
    let mut codes: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Refusal::ALL.len());
}
