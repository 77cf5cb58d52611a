//! libFuzzer on `gatelet_fuzz::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::form(bytes));
