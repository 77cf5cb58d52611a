//! libFuzzer on `gatelet_fuzz::discovery`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::discovery(bytes));
