//! Policies that stand on what is accessed must say who.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "principal-missing",
    severity: Severity::Error,
    kinds: &[Kind::ResourceControl, Kind::Resource, Kind::Trust],
    summary: "A statement of a resource-based policy, trust policy or RCP without `Principal`",
    why: "AWS refuses the policy.",
    repair: "Say who is meant; in a resource control policy that is always `\"Principal\": \"*\"`.",
    source: "AWS JSON policy elements: Principal; RCP syntax",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Trust, r#"{"Effect": "Allow", "Action": "sts:AssumeRole"}"#),
        Example(Kind::ResourceControl, r#"{"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}"#),
    ],
    good: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements().filter(|statement| statement.principals.is_none()) {
        let help = match policy.kind {
            Kind::ResourceControl => {
                "add `\"Principal\": \"*\"`; to except somebody, use a condition on `aws:PrincipalArn`"
            }
            _ => "add `Principal` with the accounts, roles or services that are meant",
        };
        let message = format!("the statement has no `Principal`, and AWS refuses it in {}", policy.kind.describe());
        report.add(statement.place, message, help);
    }
}
