//! Conditions that cannot hold together.

use std::collections::BTreeMap;

use super::prelude::*;
use crate::check::values::number;
use crate::pattern::glob;

pub const RULE: Rule = Rule {
    id: "contradiction",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "Conditions on one key that no request fulfils together",
    why: "All conditions of a statement must hold, so this statement never applies: what it denies is not denied, what it allows is not allowed.",
    repair: "Put alternatives into one list of values, or into statements of their own.",
    source: "Conditions with multiple context keys or values",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "StringNotLike": {"aws:RequestedRegion": "eu-*"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "true"}, "StringEquals": {"aws:RequestTag/team": "a"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}, "NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}, "BoolIfExists": {"aws:SecureTransport": "false"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringLike": {"aws:RequestedRegion": "eu-*"}, "StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "true"}, "StringNotEquals": {"aws:RequestTag/team": "a"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}, "NumericGreaterThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let mut keys: BTreeMap<String, Vec<&Condition>> = BTreeMap::new();
        for condition in statement.conditions.iter().filter(|condition| is_plain(condition)) {
            keys.entry(condition.key.value.to_ascii_lowercase()).or_default().push(condition);
        }
        for conditions in keys.values().filter(|conditions| conditions.len() > 1) {
            if let Some((one, other)) = clash(conditions) {
                report.add(
                    other.key.place,
                    format!(
                        "`{}` and `{}` of {} cannot both hold, so the statement never applies",
                        one.operator,
                        other.operator,
                        quote(&other.key.value)
                    ),
                    "put alternatives into one list of values, or into statements of their own",
                );
            }
        }
    }
}

/// One value, without variables: what can be reasoned about.
fn is_plain(condition: &Condition) -> bool {
    condition.operator.quantifier.is_none()
        && !condition.values.is_empty()
        && condition.values.iter().all(|text| !text.value.contains("${"))
}

fn clash<'c>(conditions: &[&'c Condition]) -> Option<(&'c Condition, &'c Condition)> {
    let every =
        |condition: &Condition, text: &str| condition.values.iter().all(|it| it.value.eq_ignore_ascii_case(text));
    let null = |absent: &'static str| {
        conditions.iter().copied().find(move |it| it.operator.comparison == Comparison::Null && every(it, absent))
    };
    let strict = conditions.iter().copied().filter(|it| condition::is_strict(it));
    if let Some(absent) = null("true") {
        let other = null("false").or_else(|| strict.clone().next());
        return other.map(|other| (absent, other));
    }
    // From here on the key is there wherever the statement could apply: a strict condition says so.
    for one in strict {
        for other in conditions.iter().copied().filter(|other| !std::ptr::eq(*other, one)) {
            let possible = match candidates(one) {
                Some(values) => values.iter().any(|value| holds(other, value) != Some(false)),
                None => is_possible(one, other),
            };
            if !possible {
                return Some(if one.place <= other.place { (one, other) } else { (other, one) });
            }
        }
    }
    None
}

/// The only values that a condition lets through, where it names them.
fn candidates(condition: &Condition) -> Option<Vec<String>> {
    let exact = match condition.operator.comparison {
        Comparison::StringEquals | Comparison::NumericEquals => true,
        Comparison::Bool => return Some(condition.values.iter().map(|text| text.value.to_ascii_lowercase()).collect()),
        Comparison::StringLike => condition.values.iter().all(|text| !text.value.contains(['*', '?'])),
        _ => false,
    };
    exact.then(|| condition.values.iter().map(|text| text.value.clone()).collect())
}

/// Whether a condition holds for a value. None where that is not worked out.
fn holds(condition: &Condition, value: &str) -> Option<bool> {
    let any = |fits: &dyn Fn(&str) -> bool| condition.values.iter().any(|text| fits(&text.value));
    let small = value.to_lowercase();
    Some(match condition.operator.comparison {
        Comparison::StringEquals => any(&|text| text == value),
        Comparison::StringNotEquals => !any(&|text| text == value),
        Comparison::StringEqualsIgnoreCase | Comparison::Bool => any(&|text| text.to_lowercase() == small),
        Comparison::StringNotEqualsIgnoreCase => !any(&|text| text.to_lowercase() == small),
        Comparison::StringLike => any(&|text| glob(text, value)),
        Comparison::StringNotLike => !any(&|text| glob(text, value)),
        _ => {
            let value = number(value)?;
            let (low, high) = range(condition)?;
            within(value, low, true) && within(value, high, false)
        }
    })
}

/// The bound and whether it is part of the range.
type Bound = Option<(f64, bool)>;

fn within(value: f64, bound: Bound, low: bool) -> bool {
    bound.is_none_or(|(limit, closed)| match value.partial_cmp(&limit) {
        Some(std::cmp::Ordering::Equal) => closed,
        Some(std::cmp::Ordering::Greater) => low,
        Some(std::cmp::Ordering::Less) => !low,
        None => true,
    })
}

/// The widest range that a numeric comparison lets through.
fn range(condition: &Condition) -> Option<(Bound, Bound)> {
    let values: Option<Vec<f64>> = condition.values.iter().map(|text| number(&text.value)).collect();
    let values = values?;
    let most = values.iter().copied().reduce(f64::max)?;
    let least = values.iter().copied().reduce(f64::min)?;
    Some(match condition.operator.comparison {
        Comparison::NumericLessThan => (None, Some((most, false))),
        Comparison::NumericLessThanEquals => (None, Some((most, true))),
        Comparison::NumericGreaterThan => (Some((least, false)), None),
        Comparison::NumericGreaterThanEquals => (Some((least, true)), None),
        _ => return None,
    })
}

/// Whether two ranges of numbers meet; true for all that is no range.
fn is_possible(one: &Condition, other: &Condition) -> bool {
    let (Some((low, high)), Some((other_low, other_high))) = (range(one), range(other)) else { return true };
    let meets = |low: Bound, high: Bound| match (low, high) {
        (Some((low, closed)), Some((high, also))) => low < high || (closed && also && low <= high),
        _ => true,
    };
    meets(low, other_high) && meets(other_low, high)
}
