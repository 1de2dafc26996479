//! Statements that another one makes superfluous.

use super::prelude::*;
use crate::check::wildcard::{covers, covers_resource};
use crate::language::List;

pub const RULE: Rule = Rule {
    id: "redundant-statement",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A statement that another one of the same effect covers",
    why: "It changes nothing. Where it has a condition that the other lacks, its exception does not work: the wider statement applies without it.",
    repair: "Take the narrower statement out, or the wider one if its exception was meant.",
    source: "Policy evaluation logic",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"[{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/admin": "true"}}}]"#,
    )],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"[{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "arn:aws:iam::*:user/a"}, {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "arn:aws:iam::*:user/b"}]"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"[{"Effect": "Deny", "Action": "sts:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"Null": {"sts:ExternalId": "true"}}}]"#,
        ),
    ],
};

/// The most statements, values and pairs that are compared.
const MOST_STATEMENTS: usize = 100;
const MOST_PAIRS: usize = 50_000;

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let statements: Vec<&Statement> = policy.statements().collect();
    if statements.len() > MOST_STATEMENTS {
        return;
    }
    let mut left = MOST_PAIRS;
    for (at, narrow) in statements.iter().enumerate() {
        for (other, wide) in statements.iter().enumerate() {
            // Of two that cover each other the first stays.
            if at == other
                || !is_covered(narrow, wide, &mut left)
                || (other > at && is_covered(wide, narrow, &mut left))
            {
                continue;
            }
            let spared =
                if narrow.conditions.len() > wide.conditions.len() { "; its conditions have no effect" } else { "" };
            report.add(
                narrow.place,
                format!("the statement on line {} covers this one, which changes nothing{spared}", wide.place.line),
                "take this one out, or the other if this one's conditions were meant",
            );
            break;
        }
    }
}

fn is_covered(narrow: &Statement, wide: &Statement, left: &mut usize) -> bool {
    let principals = |statement: &Statement| {
        statement.principals.as_ref().map(|list| {
            let mut names: Vec<_> = list.values.iter().map(|one| (one.kind, one.value.value.clone())).collect();
            names.sort();
            (list.negated, names)
        })
    };
    let same = |one: &Condition, other: &Condition| {
        let values = |condition: &Condition| {
            let mut values: Vec<String> = condition.values.iter().map(|value| value.value.clone()).collect();
            values.sort();
            values
        };
        one.operator == other.operator && is(one, &other.key.value) && values(one) == values(other)
    };
    narrow.effect == wide.effect
        && wide.conditions.len() <= narrow.conditions.len()
        && lists(&narrow.actions, &wide.actions, true, left)
        && match (&narrow.resources, &wide.resources) {
            (Some(narrow), Some(wide)) => lists(narrow, wide, false, left),
            (None, None) => true,
            _ => false,
        }
        && principals(narrow) == principals(wide)
        && wide.conditions.iter().all(|one| narrow.conditions.iter().any(|other| same(one, other)))
}

/// Whether every value of one list is covered by the other. A `Not` list is covered by one that excludes less.
fn lists(narrow: &List, wide: &List, small: bool, left: &mut usize) -> bool {
    let pairs = narrow.values.len().saturating_mul(wide.values.len());
    let Some(rest) = left.checked_sub(pairs) else { return false };
    *left = rest;
    let texts = |list: &List| -> Vec<String> {
        let value = |text: &Text| if small { text.value.to_ascii_lowercase() } else { text.value.clone() };
        list.values.iter().map(value).collect()
    };
    let (inner, outer) = match (narrow.negated, wide.negated) {
        (false, false) => (texts(narrow), texts(wide)),
        (true, true) => (texts(wide), texts(narrow)),
        (true, false) => return wide.values.iter().any(|text| text.value == "*") && !narrow.values.is_empty(),
        (false, true) => return false,
    };
    let some = !inner.is_empty() && !outer.is_empty();
    let covers = if small { covers } else { covers_resource };
    some && inner.iter().all(|value| outer.iter().any(|pattern| covers(pattern, value)))
}
