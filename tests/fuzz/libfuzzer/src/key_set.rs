//! libFuzzer on `gatelet_fuzz::key_set`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::key_set(bytes));
