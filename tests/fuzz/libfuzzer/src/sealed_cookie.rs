//! libFuzzer on `gatelet_fuzz::sealed_cookie`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::sealed_cookie(bytes));
