//! Tests over data: what AWS documents, laws that hold for all policies, and what was once found wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod completions;
mod corpus;
mod evaluation;
mod explain;
mod hostile;
mod laws;
mod made;
mod testing;
