//! Damaged files of the service authorization reference.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::reference(bytes));
