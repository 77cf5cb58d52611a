//! libFuzzer on `gatelet_fuzz::token_answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::token_answer(bytes));
