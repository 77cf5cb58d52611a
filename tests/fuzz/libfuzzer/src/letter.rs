//! libFuzzer on `gatelet_fuzz::letter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::letter(bytes));
