//! The registry: what is read from it, what is refused, and what stays in force while it cannot be had.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::registry::{
    ClientAuthentication, Document, LiveRegistry, ProviderKind, Registry, RegistrySource,
    own_audience,
};
use gatelet_core::tenant::TenantId;
use url::Url;

/// The registry that the guide prints.
const PRINTED: &str = include_str!("../../../docs/examples/registry.toml");

fn base() -> Url {
    Url::parse("https://gate.example").unwrap()
}

/// What is wrong with a document, a line each.
fn complaints(text: &str) -> String {
    Registry::read(text, &base()).expect_err("it is unsound").to_string()
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

#[test]
fn the_registry_in_the_guide_is_read_as_it_is_explained() {
    let registry = Registry::read(PRINTED, &base()).unwrap();
    assert_eq!(registry.home.as_deref(), Some("eu"), "ours is the region with our address");
    assert_eq!(registry.elsewhere(&registry.tenants[&tenant("acme")]), None);
    let us = registry.elsewhere(&registry.tenants[&tenant("globex")]).unwrap();
    assert_eq!(us.as_str(), "https://us.gate.example/");
    assert!(!registry.tenants[&tenant("initech")].active);

    let [entra, google, salesforce, keycloak] =
        ["entra", "google", "salesforce", "keycloak"].map(|name| &registry.providers[name]);
    assert_eq!(entra.issuer, "https://login.microsoftonline.com/{tenantid}/v2.0");
    assert_eq!((entra.tenant_claim.as_str(), entra.groups_claim.as_str()), ("tid", "roles"));
    assert_eq!((google.kind, google.tenant_claim.as_str()), (ProviderKind::Google, "hd"));
    assert_eq!(salesforce.tenant_claim, "organization_id");
    assert_eq!(keycloak.authentication, ClientAuthentication::PrivateKeyJwt);
    assert_eq!(keycloak.secret.as_str(), "provider-keycloak-key");
    assert_eq!(keycloak.algorithms, ["RS256", "ES256"]);
    assert_eq!(entra.algorithms, ["RS256"], "nothing else unless it is written");

    let ours = &registry.apis[&own_audience(&base())];
    assert!(ours.scopes.contains(&"runs:approve".into()), "our own API knows every role's scopes");
    assert_eq!(registry.apis["https://orders.example.com"].aliases["userId"], "sub");
    assert_eq!(registry.clients["gatelet"].redirect_uris[0].as_str(), "http://127.0.0.1/callback");
}

#[test]
fn two_documents_of_one_text_have_one_digest_and_another_text_has_another() {
    let [one, same] = [(); 2].map(|()| Registry::read(PRINTED, &base()).unwrap().digest);
    let other = Registry::read(&format!("{PRINTED}\n# later"), &base()).unwrap().digest;
    assert_eq!(one, same);
    assert_ne!(one, other);
}

// Proves L 17.
#[test]
fn every_mistake_is_reported_together_with_its_line() {
    let said = complaints(
        r#"[regions]
eu = "https://other.example"
[roles]
admin = { scopes = ["two words"] }
[providers.main]
kind = "odic"
client_id = "x"
[providers.second]
kind = "oidc"
client_id = "x"
client_secret = "provider-second"
algorithms = ["HS256"]
issuer = "http://id.example"
tenant_claim = "org"
[tenants.acme]
region = "ue"
sign_in = [{ provider = "secnd", matches = [] }]
roles = [{ role = "admni" }]
tilte = "Acme"
[clients.cli]
redirect_uris = ["http://gate.example/callback"]
[tenant.globex]
title = "Globex"
[clients.browser]
redirect_uris = ["https://app.example/callback"]
[apis.orders]
audience = "orders"
scopes = []
"#,
    );
    for part in [
        "line 1: regions: none of them is this deployment's address",
        "line 4: roles.admin.scopes: a scope must be",
        "line 6: providers.main.kind: must be entra, google, salesforce or oidc",
        "line 12: providers.second.algorithms: must be among RS256",
        "line 13: providers.second.issuer: must be https",
        "line 16: tenants.acme.region: not a region",
        "line 17: tenants.acme.sign_in: there is no provider \"secnd\"; did you mean second?",
        "line 18: tenants.acme.roles: there is no role \"admni\"; did you mean admin?",
        "line 19: tenants.acme.tilte: unknown; known are title, region, active, step_up_s, sign_in, roles, connections, schedules; did you mean title?",
        "line 21: clients.cli.redirect_uris: must be https, or http to 127.0.0.1",
        "line 22: tenant: unknown section",
        "did you mean tenants?",
        "clients.browser: this is what tokens call our own page",
        "line 27: apis.orders.audience: must be an absolute URI",
    ] {
        assert!(said.contains(part), "{part}\nis missing in\n{said}");
    }
}

#[test]
fn a_tenant_may_only_refer_to_what_is_there() {
    let said = complaints(
        r#"[regions]
eu = "https://gate.example"
[roles]
admin = { scopes = ["me"] }
[providers.entra]
kind = "entra"
client_id = "x"
client_secret = "provider-entra"
[tenants.acme]
region = "ue"
sign_in = [{ provider = "entro", matches = [""] }]
roles = [{ role = "admni" }, { role = "admin", groups = [] }]
[tenants.Globex]
region = "eu"
sign_in = []
roles = []
"#,
    );
    for part in [
        "line 10: tenants.acme.region: not a region of this deployment; known are: eu; did you mean eu?",
        "line 11: tenants.acme.sign_in: there is no provider \"entro\"; did you mean entra?",
        "matches must name at least one value",
        "line 12: tenants.acme.roles: there is no role \"admni\"; did you mean admin?",
        "groups must name one",
        "line 13: tenants.Globex: a tenant id must be 1 to 40 characters of a-z 0-9 -",
    ] {
        assert!(said.contains(part), "{part}\nis missing in\n{said}");
    }
}

#[test]
fn a_mistake_in_a_provider_does_not_make_its_tenants_look_wrong() {
    let broken = PRINTED.replace("kind = \"google\"", "kind = \"goggle\"");
    let said = complaints(&broken);
    assert!(said.contains("providers.google.kind"), "{said}");
    assert_eq!(said.lines().count(), 2, "a heading and one mistake: {said}");
}

#[test]
fn whatever_stands_where_a_secrets_name_belongs_is_not_repeated() {
    let name = "client_secret = \"provider-google\"";
    for written in [
        "client_secret = \"S3cret!\"",
        "client_secret = [\"S3cret!\"]",
        "client_secret = \"provider-S3cret!\"",
        "client_secret = S3cret!",
        "client_secret = \"S3cret!",
        "client_secret = \"provider-google\"\nscopes = \"S3cret!\"",
        "client_secret = \"provider-google\"\nalgorithms = [\"S3cret!\"]",
        "client_secret = \"provider-google\"\nclient_authentication = \"S3cret!\"",
        "client_secret = \"provider-google\"\nissuer = \"https://user:S3cret!@id.example\"",
    ] {
        let document = PRINTED.replace(name, written);
        assert_ne!(document, PRINTED);
        let said = complaints(&document);
        assert!(!said.contains("S3cret"), "{said}");
    }
}

#[test]
fn http_is_for_the_loopback_of_ones_own_machine() {
    let local = Url::parse("http://localhost:8787").unwrap();
    let document = |issuer: &str| {
        format!(
            "[providers.p]\nkind = \"oidc\"\nclient_id = \"x\"\ntenant_claim = \"org\"\n\
             client_secret = \"provider-p\"\nissuer = \"{issuer}\"\n"
        )
    };
    assert!(Registry::read(&document("http://127.0.0.1:8788"), &local).is_ok());
    assert!(Registry::read(&document("http://192.0.2.1:8788"), &local).is_err());
    assert!(Registry::read(&document("http://127.0.0.1:8788"), &base()).is_err());
    assert!(Registry::read(&document("https://id.example?x"), &base()).is_err());
}

#[test]
fn people_are_listed_only_of_a_provider_on_this_machine() {
    let local = Url::parse("http://localhost:8787").unwrap();
    let document = |issuer: &str| {
        format!(
            "[providers.p]\nkind = \"oidc\"\nclient_id = \"x\"\ntenant_claim = \"org\"\n\
             client_secret = \"provider-p\"\nissuer = \"{issuer}\"\n\
             people = [{{ login_hint = \"eda\", name = \"Eda\", tenant = \"acme\", role = \"editor\" }}]\n"
        )
    };
    let near = Registry::read(&document("http://127.0.0.1:8788"), &local).unwrap();
    assert_eq!(near.only_provider().unwrap().people[0].login_hint, "eda");
    for far in ["https://id.example", "https://localhost.example"] {
        let said = Registry::read(&document(far), &local).unwrap_err().to_string();
        assert!(said.contains("line 7: providers.p.people: can be listed only"), "{said}");
    }
}

#[test]
fn an_alias_hides_no_claim_and_an_audience_belongs_to_one_api() {
    for (alias, audience) in [
        ("{ sub = \"email\" }", "https://orders.example.com"),
        ("{ userId = \"groups\" }", "https://orders.example.com"),
        ("{}", "https://gate.example/api"),
        ("{}", "https://orders.example.com/#x"),
    ] {
        let text =
            format!("[apis.o]\naudience = \"{audience}\"\nscopes = [\"a\"]\naliases = {alias}\n");
        assert!(Registry::read(&text, &base()).is_err(), "{text}");
    }
}

/// A source whose answers a test writes.
#[derive(Default)]
struct Store {
    asked: AtomicUsize,
    holds: Mutex<Option<Document>>,
}

impl Store {
    fn put(&self, text: &str) {
        let tag = format!("{}-{}", self.asked.load(Ordering::SeqCst), text.len());
        *self.holds.lock().unwrap() = Some(Document { text: text.to_owned(), tag });
    }

    fn take_away(&self) {
        *self.holds.lock().unwrap() = None;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl RegistrySource for Store {
    async fn read(&self, known: Option<&str>) -> Result<Option<Document>, Outage> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let holds = self.holds.lock().unwrap().clone();
        let document = holds.ok_or_else(|| Outage::harmless("read a document", "it is away"))?;
        Ok(Some(document).filter(|document| known != Some(&document.tag)))
    }
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_source_is_asked_at_most_once_a_minute() {
    let store = Arc::new(Store::default());
    store.put(PRINTED);
    let live = LiveRegistry::new(Arc::<Store>::clone(&store), base());
    let began = Timestamp::from_secs(1_900_000_000);
    let first = live.current(began).await.unwrap();
    for second in 0..60 {
        live.current(began + Duration::from_secs(second)).await.unwrap();
    }
    assert_eq!(store.asked(), 1);
    let same = live.current(began + MINUTE).await.unwrap();
    assert_eq!(store.asked(), 2);
    assert!(Arc::ptr_eq(&first, &same), "an unchanged document is not read again");

    store.put(&PRINTED.replace("title = \"Acme\"", "title = \"Acme Inc.\""));
    let next = live.current(began + 2 * MINUTE).await.unwrap();
    assert_eq!(next.tenants[&tenant("acme")].title, "Acme Inc.");
}

#[tokio::test]
async fn the_last_good_registry_stays_in_force() {
    let store = Arc::new(Store::default());
    store.put(PRINTED);
    let live = LiveRegistry::new(Arc::<Store>::clone(&store), base());
    let began = Timestamp::from_secs(1_900_000_000);
    let good = live.current(began).await.unwrap();

    store.take_away();
    assert_eq!(live.current(began + MINUTE).await.unwrap(), good, "while its source is away");
    let asked = store.asked();
    live.current(began + MINUTE + Duration::from_secs(59)).await.unwrap();
    assert_eq!(store.asked(), asked, "a source that is away is not asked more often");

    store.put("[tenants.acme]\nregion = 7");
    assert_eq!(live.current(began + 2 * MINUTE).await.unwrap(), good, "while it is unsound");
    store.put(&PRINTED.replace("title = \"Acme\"", "title = \"Acme Inc.\""));
    assert_ne!(live.current(began + 3 * MINUTE).await.unwrap(), good, "until there is a good one");
}

#[tokio::test]
async fn without_a_last_good_registry_an_outage_is_an_outage() {
    let store = Arc::new(Store::default());
    let live = LiveRegistry::new(Arc::<Store>::clone(&store), base());
    let began = Timestamp::from_secs(1_900_000_000);
    assert!(live.current(began).await.is_err(), "the source is away");
    store.put("nonsense");
    assert!(live.current(began).await.is_err(), "the document is unsound");
    store.put(PRINTED);
    assert!(live.current(began).await.is_ok(), "it is asked again at once");
}
