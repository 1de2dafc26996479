//! Decisions a second: in process, and through JSON lines.

use super::Subject;

pub(super) const SUBJECT: Subject = Subject {
    name: "policy",
    about: "decisions a second, in process and through JSON lines",
    measure: || super::of_crate("dodai-policy", "policy"),
};
