//! `ForAllValues` and `ForAnyValue` on a key that has one value.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "quantifier-on-single",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "`ForAllValues` or `ForAnyValue` on a key with a single value",
    why: "`ForAllValues` holds when the key is absent, which turns a strict condition into an open one; `ForAnyValue` adds nothing.",
    repair: "Leave the set operator out.",
    source: "Single-valued vs. multivalued context keys",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Resource,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"ForAllValues:StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}"#,
    )],
    good: &[
        Example(
            Kind::Resource,
            r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*", "Condition": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": "x"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let Some(quantifier) = condition.operator.quantifier else { continue };
        // The reference has some of the services' keys as single-valued that are not; of the global keys it is sure.
        let single = policy.reference.global_keys().iter().any(|key| !key.multivalued && is(condition, &key.name));
        if !single {
            continue;
        }
        let effect = match quantifier {
            Quantifier::All => "`ForAllValues` holds when it is absent",
            Quantifier::Any => "`ForAnyValue` adds nothing",
        };
        let plain = crate::language::Operator { quantifier: None, ..condition.operator };
        report.add(
            condition.key.place,
            format!("{} has a single value, and {effect}", quote(&condition.key.value)),
            format!("write `{plain}`"),
        );
    }
}
