//! libFuzzer on `gatelet_fuzz::traceparent`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelet_fuzz::traceparent(bytes));
