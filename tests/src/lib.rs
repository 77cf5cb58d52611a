//! What the tests across crates share, and the files that are generated from the code.

pub mod function_json;
