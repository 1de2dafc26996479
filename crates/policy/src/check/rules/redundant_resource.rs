//! Resources that another one of the list names already.

use super::prelude::*;
use crate::check::redundancy::{covered, describe};
use crate::check::wildcard::covers_resource;

pub const RULE: Rule = Rule {
    id: "redundant-resource",
    severity: Severity::Suggestion,
    kinds: Kind::ALL,
    summary: "A resource that another one of the same list covers",
    why: "It makes the policy longer, not different, and hides how far the wider one reaches.",
    repair: "Take the narrower one out, or the wider one if that was not meant.",
    source: "IAM policy validation check reference: Redundant resource",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/x", "arn:aws:s3:::b/*"]}"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for list in policy.statements().filter_map(|statement| statement.resources.as_ref()) {
        let values: Vec<String> = list.values.iter().map(|text| text.value.clone()).collect();
        for (at, by) in covered(&values, covers_resource) {
            if let (Some(text), Some(wider)) = (list.values.get(at), list.values.get(by)) {
                report.add(text.place, describe(&text.value, &wider.value), "take it out");
            }
        }
    }
}
