//! Multi-factor authentication and callers without a word on it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "mfa-if-exists",
    severity: Severity::Warning,
    kinds: &[
        Kind::ServiceControl,
        Kind::ResourceControl,
        Kind::Identity,
        Kind::Resource,
        Kind::Trust,
        Kind::Session,
        Kind::Boundary,
    ],
    summary: "A condition on `aws:MultiFactorAuthPresent` that access keys slip through",
    why: "Requests signed with a user's access keys have no such key at all: `Bool` false does not hit them, and `BoolIfExists` true lets them in.",
    repair: "In a deny write `BoolIfExists` with `false`, in an allow `Bool` with `true`.",
    source: "AWS global condition context keys: aws:MultiFactorAuthPresent",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        for condition in statement.conditions.iter().filter(|it| is(it, "aws:MultiFactorAuthPresent")) {
            let is_all = |truth: &str| condition.values.iter().all(|text| text.value.eq_ignore_ascii_case(truth));
            let operator = condition.operator;
            if operator.comparison != Comparison::Bool || operator.quantifier.is_some() || condition.values.is_empty() {
                continue;
            }
            let (effect, help) = match (statement.effect, operator.if_exists) {
                (Effect::Deny, false) if is_all("false") => ("are not denied", "write `BoolIfExists`"),
                (Effect::Allow, true) if is_all("true") => ("are allowed", "write `Bool`"),
                _ => continue,
            };
            report.add(
                condition.key.place,
                format!("requests with access keys have no `aws:MultiFactorAuthPresent`, so they {effect}"),
                help,
            );
        }
    }
}
