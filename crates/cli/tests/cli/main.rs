//! The command as a person runs it: the controls' cases on real SQL, the policy engine's verbs, and whole runs against the
//! emulator.

mod cases;
mod end_to_end;
mod policies;
mod wrong;
