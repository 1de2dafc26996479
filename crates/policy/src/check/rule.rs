//! What a rule is, and what it finds.

use dodai_document::{Place, problem};

use super::subject::Subject;
use super::{CheckContext, Kind, Level};

pub use crate::finding::{Finding, Severity};

/// One rule: what it says, why, how to mend it, and examples that its tests run.
#[derive(Debug)]
pub struct Rule {
    /// In small letters with hyphens; never changes once released.
    pub id: &'static str,
    pub severity: Severity,
    /// The kinds of policy that it looks at.
    pub kinds: &'static [Kind],
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub repair: &'static str,
    /// The AWS page that says so.
    pub source: &'static str,
    pub(super) checks: Checks,
    /// Policies that it finds something in.
    pub bad: &'static [Example],
    /// Policies that look alike and are right.
    pub good: &'static [Example],
}

/// A policy as its kind and its text: a statement, a list of statements or a whole document.
#[derive(Debug, Clone, Copy)]
pub struct Example(pub Kind, pub &'static str);

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(super) enum Checks {
    Document(fn(&Subject<'_>, &mut Report<'_>)),
    /// The policies attached along the path to an account, the root first.
    Levels(fn(Kind, &[Level<'_>], &CheckContext, &mut Report<'_>)),
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Document(_) => "Document",
            Self::Levels(_) => "Levels",
        })
    }
}

/// Takes down what one rule finds in one file.
pub(super) struct Report<'r> {
    rule: &'static Rule,
    file: &'r str,
    findings: &'r mut Vec<Finding>,
}

impl<'r> Report<'r> {
    pub fn new(rule: &'static Rule, file: &'r str, findings: &'r mut Vec<Finding>) -> Self {
        Self { rule, file, findings }
    }

    /// What is wrong at a place, and what to do about it.
    pub fn add(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        let problem = problem(self.file, place, message, Some(help.into()));
        self.findings.push(Finding { rule: self.rule.id, severity: self.rule.severity, problem });
    }

    /// About something that is no file: a unit, an account.
    pub fn add_to(&mut self, name: &str, message: impl Into<String>, help: impl Into<String>) {
        let problem = problem(name, Place::FILE, message, Some(help.into()));
        self.findings.push(Finding { rule: self.rule.id, severity: self.rule.severity, problem });
    }
}
