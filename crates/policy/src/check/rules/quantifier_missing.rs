//! Keys with several values and no word on how they are taken together.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "quantifier-missing",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A key with several values without `ForAllValues` or `ForAnyValue`",
    why: "AWS does not say how a condition without them compares several values; such a statement does not protect.",
    repair: "Say `ForAnyValue:` (one value suffices) or `ForAllValues:` (all must match; holds for none).",
    source: "Single-valued vs. multivalued context keys",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}}"#,
    )],
    good: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:TagKeys": "false"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let operator = condition.operator;
        if operator.quantifier.is_some() || operator.comparison == Comparison::Null {
            continue;
        }
        if policy.reference.global_keys().iter().any(|key| key.multivalued && is(condition, &key.name)) {
            let word = if operator.comparison.is_negated() { "ForAllValues" } else { "ForAnyValue" };
            report.add(
                condition.key.place,
                format!(
                    "{} has several values, and `{operator}` does not say how many must match",
                    quote(&condition.key.value)
                ),
                format!("write `{word}:{operator}`, if that is what is meant"),
            );
        }
    }
}
