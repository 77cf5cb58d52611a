//! The documentation: its pages hold together, and its references say what the code does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod generated;
mod pages;
mod references;
mod states;
mod threats;

use std::fs;

use gatelet_tests::project;

/// A file of the project.
fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
