//! Any bytes as a reply of AWS, in each protocol.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::replies(bytes));
