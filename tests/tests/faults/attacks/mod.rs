//! Attacks that comparable systems have met, tried on every declared route.

mod addresses;
mod headers;
mod kinds;
mod oversized;
mod parameters;
mod tenants;
mod whispers;

use gatelet_edge::{Policy, Route};
use gatelet_played::Ask;

/// A path of the route, with something in place of its parameters.
fn path_of(route: &Route) -> String {
    let fill = |part: &str| match part {
        "{provider}" => "one".to_owned(),
        part if part.starts_with('{') => "x".to_owned(),
        part => part.to_owned(),
    };
    route.path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

fn method_of(route: &Route) -> &'static str {
    route.method.name()
}

/// The request of a route without anything that proves something.
fn bare(route: &Route) -> Ask {
    Ask::bare(method_of(route), path_of(route))
}

/// Routes that ask for a proof, be it by their policy or by the argument of their handler.
fn protected() -> Vec<Route> {
    let by_argument =
        ["token", "revoke", "logout", "choosable", "choose"].map(|name| (name, Policy::Public));
    let routes = all::routes();
    let is_protected = |route: &&Route| {
        route.policy != Policy::Public || by_argument.contains(&(route.name, route.policy))
    };
    let found: Vec<Route> = routes.declared().iter().filter(is_protected).cloned().collect();
    assert!(found.len() >= by_argument.len() + 3, "there are routes that ask for a proof");
    found
}
