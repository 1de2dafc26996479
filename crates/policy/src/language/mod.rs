//! A policy document as its author wrote it: every statement, element and value with its place. Nothing is decided
//! or looked up here.
//!
//! AWS: "Grammar of the IAM JSON policy language", "IAM JSON policy element reference".

mod document;
mod operator;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use document::{Condition, Document, Effect, List, Principal, PrincipalKind, Principals, Statement, Text, Version};
pub use operator::{Comparison, Operator, Quantifier, UnknownOperator};
pub use read::{read, read_json, read_node};
