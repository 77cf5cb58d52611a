//! The references that are made from the code and the templates. `cargo xtask bless` writes them, and a test
//! compares what is committed.

pub mod api;
pub mod limits;
pub mod permissions;

use std::io;

/// Every page, with what it must say.
pub fn pages() -> io::Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("docs/reference/api.md", api::page()?),
        ("docs/reference/limits.md", limits::page()?),
        ("docs/reference/permissions.md", permissions::page()?),
    ])
}
