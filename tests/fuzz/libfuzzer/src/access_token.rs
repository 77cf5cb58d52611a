//! libFuzzer on `gatelet_fuzz::access_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::access_token(bytes));
