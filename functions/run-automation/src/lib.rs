//! Serves the routes of the API that act for a person.

use gatelet_edge::Routes;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
}
