//! libFuzzer on `gatelet_fuzz::refresh_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::refresh_token(bytes));
