//! `ForAllValues` holds where there is no value at all.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "for-all-values-allow",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "`ForAllValues` with `Allow`, without a `Null` test of the key",
    why: "It holds when the request has no such key: whoever leaves it out is let in.",
    repair: "Add `\"Null\": {\"<key>\": \"false\"}`, so that the key must be there.",
    source: "Set operators for multivalued context keys",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}}"#,
    )],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "Null": {"aws:TagKeys": "false"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows() {
        for condition in &statement.conditions {
            let key = &condition.key.value;
            let other = statement.conditions.iter().any(|it| is(it, key) && condition::is_strict(it));
            if condition.operator.quantifier == Some(Quantifier::All)
                && !condition.operator.if_exists
                && !other
                && !condition::demands_null(statement, key, false)
            {
                report.add(
                    condition.key.place,
                    format!(
                        "`{}` holds when a request has no {}, so leaving it out is allowed too",
                        condition.operator,
                        quote(key)
                    ),
                    format!("add `\"Null\": {{\"{key}\": \"false\"}}`"),
                );
            }
        }
    }
}
