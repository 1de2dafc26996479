//! The words that every rule uses.

pub(super) use dodai_document::quote;

pub(super) use crate::check::Kind;
pub(super) use crate::check::condition::{self, is, is_any, placeholder};
pub(super) use crate::check::rule::{Checks, Example, Report, Rule, Severity};
pub(super) use crate::check::subject::Subject;
pub(super) use crate::language::{Comparison, Condition, Effect, PrincipalKind, Quantifier, Statement, Text, Version};
