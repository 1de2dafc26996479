//! Policies made of the bytes: packing changes no decision.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::pack(bytes));
