//! `*` where it is a plain character.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "wildcard-without-like",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A `*` in a value of `StringEquals` and its kin",
    why: "These operators take `*` as a plain character, so the value matches only texts with a star in them.",
    repair: "Use `StringLike` or `StringNotLike`.",
    source: "IAM JSON policy elements: Condition operators",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-*"}}}"#,
    )],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotLike": {"aws:RequestedRegion": "eu-*"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let like = match condition.operator.comparison {
            Comparison::StringEquals | Comparison::StringEqualsIgnoreCase => Comparison::StringLike,
            Comparison::StringNotEquals | Comparison::StringNotEqualsIgnoreCase => Comparison::StringNotLike,
            _ => continue,
        };
        let stars = condition.values.iter().filter(|text| text.value.replace("${*}", "").contains('*'));
        // A placeholder is going to be replaced.
        for text in stars.filter(|text| placeholder(&text.value).is_none()) {
            report.add(
                text.place,
                format!(
                    "`{}` takes the `*` of {} as a plain character",
                    condition.operator.comparison.as_str(),
                    quote(&text.value)
                ),
                format!("use `{}`", like.as_str()),
            );
        }
    }
}
