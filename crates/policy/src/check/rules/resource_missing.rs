//! Statements that do not say on what.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "resource-missing",
    severity: Severity::Error,
    // Some resource-based policies stand on the one resource that they mean.
    kinds: &[Kind::ServiceControl, Kind::ResourceControl, Kind::Identity, Kind::Session, Kind::Boundary],
    summary: "A statement without `Resource` and `NotResource`",
    why: "AWS refuses the policy.",
    repair: "Say `\"Resource\": \"*\"`, or the ARNs that are meant.",
    source: "IAM JSON policy elements: Resource",
    checks: Checks::Document(check),
    bad: &[Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets"}"#)],
    good: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:BatchGetImage"}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements().filter(|statement| statement.resources.is_none()) {
        report.add(
            statement.place,
            "the statement has no `Resource`, and AWS refuses it",
            "add `\"Resource\": \"*\"`, or the ARNs that are meant",
        );
    }
}
