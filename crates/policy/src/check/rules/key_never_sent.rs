//! Conditions on keys that the statement's actions do not send.

use super::prelude::*;
use crate::reference::Sends;

pub const RULE: Rule = Rule {
    id: "key-never-sent",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A condition on a key that none of the statement's actions sends",
    why: "The key is absent from every request: a condition on it never holds, and a negated one always does.",
    repair: "Use a key that AWS lists for these actions, or take the condition out.",
    source: "Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:DescribeInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "a"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#,
        ),
    ],
};

/// With more actions than this some surely send the key.
const MOST: usize = 400;

/// Whether each of these actions is documented not to send the key.
pub fn is_never_sent(policy: &Subject<'_>, actions: &[crate::check::subject::Named], key: &str) -> bool {
    let sends = |(service, action): &crate::check::subject::Named| {
        policy.reference.sends(&format!("{}:{}", service.prefix, action.name), key)
    };
    !actions.is_empty() && actions.len() <= MOST && actions.iter().all(|action| sends(action) == Sends::No)
}

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements().filter(|statement| !statement.conditions.is_empty()) {
        let Some(actions) = policy.actions(statement) else { continue };
        for condition in &statement.conditions {
            if !is_never_sent(policy, &actions, &condition.key.value) {
                continue;
            }
            let operator = condition.operator;
            let absent =
                operator.comparison == Comparison::Null && condition.values.iter().all(|it| it.value == "true");
            let holds = absent || (operator.comparison != Comparison::Null && !condition::is_strict(condition));
            let effect = match (holds, statement.effect) {
                (true, Effect::Deny) => "so the condition always holds, and the deny hits every request",
                (true, Effect::Allow) => "so the condition always holds and restricts nothing",
                (false, Effect::Deny) => "so the condition never holds, and nothing is denied",
                (false, Effect::Allow) => "so the condition never holds, and nothing is allowed",
            };
            let who = match actions.as_slice() {
                [(service, action)] => format!("`{}:{}` does not send", service.prefix, action.name),
                _ => "none of the statement's actions sends".to_owned(),
            };
            report.add(
                condition.key.place,
                format!(
                    "{who} {} (AWS's reference of {}), {effect}",
                    quote(&condition.key.value),
                    policy.reference.date()
                ),
                "use a key that AWS lists for these actions, or take the condition out",
            );
        }
    }
}
