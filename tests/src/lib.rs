//! What the tests across crates share, and the files that are generated from the code.

pub mod coverage;
pub mod declared;
pub mod function_json;
pub mod matrix;
pub mod template;

use std::path::{Path, PathBuf};

/// The project's folder.
#[must_use]
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
