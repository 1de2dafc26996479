//! The command as a person runs it: the controls' cases on real SQL, and whole runs against the emulator.

mod cases;
mod end_to_end;
