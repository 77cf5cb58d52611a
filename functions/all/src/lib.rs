//! All functions together, for the hosts that serve several in one process: one machine, and the apps of
//! Azure Functions.

use gatelet_edge::Routes;

/// Every route of the gateway, for one machine and for the tests of the house.
#[must_use]
pub fn routes() -> Routes {
    auth_routes().and(api_routes())
}

/// The routes of Azure's `auth` app.
#[must_use]
pub fn auth_routes() -> Routes {
    login::routes().and(token::routes()).and(revoke::routes()).and(console::routes())
}

/// The routes of Azure's `api` app.
#[must_use]
pub fn api_routes() -> Routes {
    run_automation::routes().and(attempt::routes())
}
