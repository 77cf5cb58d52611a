//! Serves the routes that take back what was given.

use gatelet_edge::Routes;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
}
