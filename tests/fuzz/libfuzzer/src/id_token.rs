//! libFuzzer on `gatelet_fuzz::id_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::id_token(bytes));
