//! libFuzzer on `gatelet_fuzz::cookie_header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::cookie_header(bytes));
