//! One condition key twice under one operator, in different spelling.

use std::collections::HashMap;

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "key-twice",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A condition key that stands twice under one operator, in different case",
    why: "AWS compares keys without regard to case: to AWS this is one key with two values lists, and it refuses the policy or takes one of them.",
    repair: "Put the values into one list.",
    source: "IAM policy validation check reference: Duplicate keys with different case",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a", "aws:PrincipalARN": "arn:aws:iam::*:role/b"}}}"#,
    )],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/a", "arn:aws:iam::*:role/b"]}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let mut seen = HashMap::new();
        for condition in &statement.conditions {
            let key = (condition.operator, condition.key.value.to_ascii_lowercase());
            if let Some(first) = seen.insert(key, &condition.key) {
                report.add(
                    condition.key.place,
                    format!(
                        "{} is the same key as {} on line {}, under the same operator",
                        quote(&condition.key.value),
                        quote(&first.value),
                        first.place.line
                    ),
                    "put the values into one list",
                );
            }
        }
    }
}
