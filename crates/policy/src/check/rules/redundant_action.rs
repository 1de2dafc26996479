//! Actions that another one of the list names already.

use super::prelude::*;
use crate::check::redundancy::{covered, describe};
use crate::check::wildcard::covers;

pub const RULE: Rule = Rule {
    id: "redundant-action",
    severity: Severity::Suggestion,
    kinds: Kind::ALL,
    summary: "An action that another one of the same list covers",
    why: "It makes the policy longer, not different, and hides how far the wider one reaches.",
    repair: "Take the narrower one out, or the wider one if that was not meant.",
    source: "IAM policy validation check reference: Redundant action",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": ["s3:DeleteBucket", "s3:Delete*"], "Resource": "*"}"#,
    )],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": ["s3:DeleteBucket", "s3:DeleteObject*"], "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let values = &statement.actions.values;
        let small: Vec<String> = values.iter().map(|text| text.value.to_ascii_lowercase()).collect();
        for (at, by) in covered(&small, covers) {
            if let (Some(text), Some(wider)) = (values.get(at), values.get(by)) {
                report.add(text.place, describe(&text.value, &wider.value), "take it out");
            }
        }
    }
}
