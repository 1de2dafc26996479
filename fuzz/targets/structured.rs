//! Policies and requests made of the bytes: laws of deciding.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::structured(bytes));
