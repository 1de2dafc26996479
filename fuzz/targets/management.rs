//! Any texts as management policies along a path.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::management(bytes));
