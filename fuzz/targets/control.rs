//! Any text as a control file, and as its cases.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dodai_fuzz::control(bytes));
