//! Everything on everything.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "full-admin",
    severity: Severity::Warning,
    kinds: &[Kind::Identity],
    summary: "`Allow` of `*` on `*` without a condition",
    why: "Whoever has the policy has the account, and so has whoever gets hold of a credential of theirs.",
    repair: "List the actions that are needed.",
    source: "Security best practices in IAM",
    checks: Checks::Document(check),
    bad: &[Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)],
    good: &[
        Example(Kind::ServiceControl, r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}"#),
    ],
};

/// Whether a statement allows everything on everything.
pub fn is_full(statement: &Statement) -> bool {
    let all = |values: &[Text]| values.iter().any(|text| matches!(text.value.as_str(), "*" | "*:*" | "**"));
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && !statement.actions.negated
        && all(&statement.actions.values)
        && statement.resources.as_ref().is_some_and(|list| !list.negated && all(&list.values))
}

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements().filter(|statement| is_full(statement)) {
        report.add(
            statement.place,
            "the statement allows every action on every resource: whoever has it has the account",
            "list the actions that are needed",
        );
    }
}
