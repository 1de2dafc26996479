//! Processor time of a call, from its parameters to its decoded reply, without the network.

use super::Subject;

pub(super) const SUBJECT: Subject = Subject {
    name: "calls",
    about: "processor time of a call, from its parameters to its decoded reply",
    measure: || super::of_crate("dodai-api", "calls", &[]),
};
