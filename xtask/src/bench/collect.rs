//! Memory and processor time of a collection: 30 tables from 200 cells, 100 rows of 1 KB in each, into a snapshot.

use super::Subject;

pub(super) const SUBJECT: Subject = Subject {
    name: "collect",
    about: "30 tables from 200 cells, 600,000 rows of 1 KB, into a snapshot: memory, processor time",
    measure: || super::of_crate("dodai-inventory", "collect", &[]),
};
