//! libFuzzer on `gatelet_fuzz::registry`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::registry(bytes));
