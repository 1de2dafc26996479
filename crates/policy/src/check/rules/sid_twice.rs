//! One `Sid` for two statements.

use std::collections::HashMap;

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "sid-twice",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "Two statements with the same `Sid`",
    why: "IAM refuses such a policy, and reports that name a statement by its `Sid` name both.",
    repair: "Give each statement a `Sid` of its own.",
    source: "IAM JSON policy elements: Sid",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"[{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}, {"Sid": "Read", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::a"}]"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"[{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}, {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::a"}]"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let mut seen = HashMap::new();
    for sid in policy.statements().filter_map(|statement| statement.sid.as_ref()).filter(|sid| !sid.value.is_empty()) {
        if let Some(line) = seen.insert(sid.value.as_str(), sid.place.line) {
            report.add(
                sid.place,
                format!("the statement on line {line} has the `Sid` {} too", quote(&sid.value)),
                "give each statement a `Sid` of its own; IAM refuses a policy that has one twice",
            );
        }
    }
}
