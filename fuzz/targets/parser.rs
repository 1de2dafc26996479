//! Any text as a policy document.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::parser(bytes));
