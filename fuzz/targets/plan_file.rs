//! Any bytes as a saved plan.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::plan_file(bytes));
