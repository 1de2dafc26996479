//! Management policies: the thirteen types of AWS Organizations whose documents are settings with inheritance operators
//! (tag, backup, chat, AI services opt-out, EC2 and the other declarative types). What a document may say, and what comes
//! of all documents along an account's path.
//!
//! AWS's pages: "Understanding management policy inheritance", "Inheritance operators", "Inheritance examples", and each
//! type's page of syntax, which its schema names.

mod check;
mod cron;
mod effective;
mod merge;
mod operator;
mod reading;
mod rules;
mod schema;
mod schemas;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use check::check;
pub use effective::{Attached, Effective, Ignored, Level, Why, effective};
pub use operator::Operator;
pub use reading::{Enablement, enablement};

use crate::PolicyType;

/// Whether documents of this type are settings with inheritance operators, so that `DescribeEffectivePolicy` answers for
/// it; the others are written in the IAM policy language.
pub fn is_management(kind: &PolicyType) -> bool {
    schemas::of(kind).is_some()
}
