//! Serves the page and what belongs to it.

use gatelet_edge::Routes;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
}
