//! What is wrong with a policy document, or will surprise its author: one rule a file in `rules/`, all of them in
//! [`RULES`]. A rule that is not sure says nothing.
//!
//! AWS: "IAM policy validation check reference", "SCP syntax", "RCP syntax", "Troubleshoot IAM policies".

mod arn;
mod capability;
mod condition;
mod context;
mod deputies;
mod fit;
mod kind;
mod levels;
mod limits;
mod print;
mod redundancy;
mod resource_limits;
mod rule;
mod rules;
mod subject;
mod values;
mod wildcard;

#[cfg(test)]
mod tests;

pub use context::CheckContext;
pub use deputies::{DEPUTIES, Deputy, Use};
pub use kind::Kind;
pub use levels::{Level, check_levels};
pub use limits::{LIMITS, Limit, Limits, Quota};
pub use print::{explain, text};
pub use resource_limits::{RESOURCE_LIMITS, ResourceLimit, resource_limit};
pub use rule::{Example, Finding, Rule, Severity};
pub use rules::RULES;

use crate::language::Document;
use rule::{Checks, Report};
use subject::Subject;

/// Every finding in a document, in the order of its lines. `file` is only named in the findings.
pub fn check(kind: Kind, file: &str, document: &Document, context: &CheckContext) -> Vec<Finding> {
    let subject = Subject::new(kind, document, context);
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.kinds.contains(&kind)) {
        if let Checks::Document(check) = rule.checks {
            check(&subject, &mut Report::new(rule, file, &mut findings));
        }
    }
    in_order(&mut findings);
    findings
}

fn in_order(findings: &mut Vec<Finding>) {
    findings.sort_by(|one, other| (&one.problem, one.rule).cmp(&(&other.problem, other.rule)));
    findings.dedup();
}
