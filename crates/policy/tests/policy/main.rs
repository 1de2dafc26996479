//! Tests over data: what AWS documents, laws that hold for all policies, and what was once found wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod access;
mod completions;
mod decisions;
mod evaluation;
mod explain;
mod found;
mod hostile;
mod hostile_names;
mod laws;
mod made;
mod principals;
mod resources;
mod testing;
mod unknown_variables;
