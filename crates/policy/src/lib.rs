//! The IAM policy language: read, decide, check, test, compare and pack. Pure: works on texts and values handed to it,
//! reads no file and asks nobody; usable on its own.

pub mod access;
pub mod can;
pub mod check;
mod containment;
pub mod decide;
pub mod diff;
pub mod explain;
pub mod finding;
#[cfg(test)]
mod generated;
pub mod kind;
pub mod language;
pub mod library;
pub mod management;
pub mod pack;
pub mod pattern;
pub mod reference;
pub mod testing;

pub use finding::{Finding, Severity};
pub use kind::PolicyType;
pub use language::{Document, Effect, Statement};
