//! Control files and their cases: nothing panics, and what is refused is told with its place.

use dodai_controls::{Cases, Control};

#[path = "problems.rs"]
mod problems;

pub fn control(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Control::parse("c.sql", text) {
        Ok(control) => {
            assert!(text.trim_end().ends_with(&control.sql), "{control:?}");
            assert!(control.tables().all(|table| !table.is_empty()), "{control:?}");
        }
        Err(found) => problems::told(&found, |_| Some(text)),
    }
    if let Err(found) = Cases::parse("c.cases.yaml", text) {
        problems::told(&[found], |_| Some(text));
    }
}
