//! Who may call which route: the declared routes against the roles of one machine's registry.

use std::fmt::Write as _;

use gatelet_core::registry::{Registry, own_audience};
use gatelet_edge::{Policy, Route};
use gatelet_local::pocket;
use url::Url;

use crate::declared;

/// Where it is committed.
pub const PATH: &str = "tests/golden/routes.md";

const ABOUT: &str = "# Who may call which route\n\n\
    Generated from the declared routes and from the registry of one machine: `cargo xtask bless` writes it, and a \
    test calls each route in each role. A stranger sends neither token nor cookie. A public route turns nobody away \
    at the door; what it asks of a caller then, it asks by itself.\n\n";

/// The address of one machine's gateway.
pub const GATEWAY: &str = "http://localhost:8787";

/// The registry of one machine.
#[must_use]
pub fn local_registry() -> Registry {
    let gateway = Url::parse(GATEWAY)
        .unwrap_or_else(|error| unreachable!("the address is a constant: {error}"));
    Registry::read(&pocket::registry(&gateway, 8788), &gateway)
        .unwrap_or_else(|mistakes| unreachable!("one machine's registry is sound: {mistakes}"))
}

/// What somebody may do with a route. A role is `None` for a stranger.
#[must_use]
pub fn may_call(route: &Route, role: Option<&str>, registry: &Registry) -> bool {
    match (route.policy, role) {
        (Policy::Public, _) | (Policy::Session, Some(_)) => true,
        (Policy::Session | Policy::Api { .. }, None) => false,
        (Policy::Api { scope }, Some(role)) => {
            let has = |scopes: &Vec<String>| scopes.iter().any(|one| one == scope);
            let Ok(gateway) = Url::parse(GATEWAY) else { return false };
            let api = registry.apis.get(&own_audience(&gateway));
            registry.roles.get(role).is_some_and(|role| has(&role.scopes))
                && api.is_some_and(|api| has(&api.scopes))
        }
    }
}

/// The whole table.
#[must_use]
pub fn table() -> String {
    let registry = local_registry();
    let roles: Vec<&String> = registry.roles.keys().collect();
    let mut text = String::from(ABOUT);
    let heads = roles.iter().fold(String::new(), |heads, role| format!("{heads} {role} |"));
    let _ = writeln!(text, "| route | policy | scope | stranger |{heads}");
    let _ = writeln!(text, "|---|---|---|---|{}", "---|".repeat(roles.len()));
    for route in declared::routes() {
        let (policy, scope) = match route.policy {
            Policy::Public => ("public", "–".to_owned()),
            Policy::Session => ("session", "–".to_owned()),
            Policy::Api { scope } => ("api", format!("`{scope}`")),
        };
        let (method, path) = (route.method.name(), route.path);
        let _ = write!(text, "| `{method} {path}` | {policy} | {scope} |");
        let callers = std::iter::once(None).chain(roles.iter().map(|role| Some(role.as_str())));
        for caller in callers {
            let word = if may_call(&route, caller, &registry) { "yes" } else { "no" };
            let _ = write!(text, " {word} |");
        }
        text.push('\n');
    }
    text
}
