//! A sample to start from: statements without a name.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "{id}",
    severity: Severity::Suggestion,
    kinds: Kind::ALL,
    summary: "A statement without a `Sid`",
    why: "Findings, explanations and reports name a statement by its `Sid`; without one there is only its number.",
    repair: "Give the statement a `Sid` that says what it is for.",
    source: "IAM JSON policy elements: Sid",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#,
    )],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Sid": "Leave", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements().filter(|statement| statement.sid.is_none()) {
        report.add(statement.place, "the statement has no `Sid`", "write `\"Sid\": \"…\"` into it");
    }
}
