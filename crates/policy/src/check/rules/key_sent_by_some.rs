//! A deny whose exception only some of its actions can have.

use super::key_never_sent::is_never_sent;
use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "key-sent-by-some",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A deny with a negated condition on a key that one of its actions never sends",
    why: "For that action the key is always absent, so the condition always holds: it excepts no request for that action.",
    repair: "Give the action a statement of its own, or add a `Null` test of the key.",
    source: "IAM JSON policy elements: Condition operators",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*", "Condition": {"StringNotLike": {"s3:prefix": "home/*"}}}"#,
    )],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*", "Condition": {"StringNotLike": {"s3:prefix": "home/*"}, "Null": {"s3:prefix": "false"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in
        policy.denies().filter(|statement| !statement.actions.negated && statement.actions.values.len() > 1)
    {
        let open = statement.conditions.iter().filter(|condition| {
            !condition::is_strict(condition)
                && condition.operator.comparison != Comparison::Null
                && condition.operator.quantifier != Some(Quantifier::Any)
                && !condition::demands_null(statement, &condition.key.value, false)
        });
        for condition in open {
            let key = &condition.key.value;
            let never = |action: &&Text| {
                !action.value.contains(['*', '?'])
                    && policy.matching(&action.value).is_some_and(|named| is_never_sent(policy, &named, key))
            };
            let (without, with): (Vec<&Text>, Vec<&Text>) = statement.actions.values.iter().partition(never);
            // Where none sends it, `key-never-sent` says so.
            if with.is_empty() {
                continue;
            }
            for action in without {
                report.add(
                    action.place,
                    format!(
                        "{} does not send {} (AWS's reference of {}), so for it `{}` always holds and excepts nothing",
                        quote(&action.value),
                        quote(key),
                        policy.reference.date(),
                        condition.operator
                    ),
                    format!("give it a statement of its own, or add `\"Null\": {{\"{key}\": \"false\"}}`"),
                );
            }
        }
    }
}
