//! The crates that declare routes.

use gatelet_edge::{Route, Routes, openapi};

/// Each crate with HTTP routes, by its name.
pub(crate) fn http_crates() -> [(&'static str, Routes); 6] {
    [
        ("login", login::routes()),
        ("token", token::routes()),
        ("revoke", revoke::routes()),
        ("console", console::routes()),
        ("run-automation", run_automation::routes()),
        ("attempt", attempt::routes()),
    ]
}

/// The routes of all of them, for the test that none is missing.
#[must_use]
pub fn routes() -> Vec<Route> {
    http_crates().iter().flat_map(|(_, routes)| routes.declared().to_vec()).collect()
}

/// The API's description, and where it is committed.
#[must_use]
pub fn api_description() -> (&'static str, String) {
    let all = http_crates().into_iter().map(|(_, routes)| routes).reduce(Routes::and);
    ("docs/reference/openapi.json", openapi::document(&all.unwrap_or_default()))
}
