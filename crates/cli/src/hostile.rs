//! Names that want to be obeyed, and how it is seen that they were, for the tests of everything that shows names.

#[path = "../../../fuzz/checks/marked.rs"]
mod marked;
#[path = "../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../fuzz/checks/obeyed.rs"]
mod obeyed;

pub use marked::marked;
pub use names::names;
pub use obeyed::obeyed;
