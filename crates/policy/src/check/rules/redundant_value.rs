//! Values of a condition that another one makes superfluous.

use super::prelude::*;
use crate::check::redundancy::{covered, describe};
use crate::check::wildcard::covers;

pub const RULE: Rule = Rule {
    id: "redundant-value",
    severity: Severity::Suggestion,
    kinds: Kind::ALL,
    summary: "A value of a condition that is there twice, or that a pattern of the same list covers",
    why: "It makes the policy longer, not different, and hides how far the wider one reaches.",
    repair: "Take the narrower one out, or the wider one if that was not meant.",
    source: "IAM JSON policy elements: Condition operators",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-1"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotLike": {"aws:RequestedRegion": ["eu-*", "eu-west-1"]}}}"#,
        ),
    ],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-*", "eu-west-1"]}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let patterns = matches!(
            condition.operator.comparison,
            Comparison::StringLike | Comparison::StringNotLike | Comparison::ArnLike | Comparison::ArnNotLike
        );
        let values: Vec<String> = condition.values.iter().map(|text| text.value.clone()).collect();
        for (at, by) in covered(&values, covers) {
            if let (Some(text), Some(wider)) = (condition.values.get(at), condition.values.get(by))
                && (patterns || text.value == wider.value)
            {
                report.add(text.place, describe(&text.value, &wider.value), "take it out");
            }
        }
    }
}
