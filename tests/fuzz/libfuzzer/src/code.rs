//! libFuzzer on `gatelet_fuzz::code`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::code(bytes));
