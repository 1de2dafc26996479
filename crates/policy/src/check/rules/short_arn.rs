//! An ARN with fewer than six fields, whose `*` reaches over the colons that are left out.

use super::prelude::*;
use crate::check::arn::reaches_over;

pub const RULE: Rule = Rule {
    id: "short-arn",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A resource whose `*` stands for several fields of an ARN",
    why: "A `*` at the end of a field reaches over the colons that follow it: what looks like every Region is also every account and every type.",
    repair: "Write all six fields: `arn:aws:dynamodb:*:*:table/prod-*`.",
    source: "IAM JSON policy elements: Resource; IAM policy validation check reference: Missing ARN field",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:*:table/prod-*"}"#,
        ),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:*"}"#),
    ],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "dynamodb:*", "Resource": ["arn:aws:dynamodb:*:*:table/prod-*", "*"]}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for text in policy.statements().filter_map(|statement| statement.resources.as_ref()).flat_map(|list| &list.values) {
        if reaches_over(&text.value) {
            report.add(
                text.place,
                format!("{} lacks fields of an ARN, and its `*` reaches over all that is left out", quote(&text.value)),
                "write all six: `arn:partition:service:region:account:resource`",
            );
        }
    }
}
