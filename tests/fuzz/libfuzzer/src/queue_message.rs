//! libFuzzer on `gatelet_fuzz::queue_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::queue_message(bytes));
