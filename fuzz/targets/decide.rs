//! Any text as a line of a request with its policies.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::line(bytes));
