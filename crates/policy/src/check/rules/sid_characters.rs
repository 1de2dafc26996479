//! Characters that IAM takes in no `Sid`.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "sid-characters",
    severity: Severity::Error,
    // Services other than IAM take more characters, each its own.
    kinds: &[Kind::Identity, Kind::Trust, Kind::Session, Kind::Boundary],
    summary: "A `Sid` with other characters than letters and digits",
    why: "IAM refuses the policy.",
    repair: "Use A-Z, a-z and 0-9 only.",
    source: "IAM JSON policy elements: Sid",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Sid": "read buckets", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#,
    )],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Sid": "ReadBuckets1", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for sid in policy.statements().filter_map(|statement| statement.sid.as_ref()) {
        if let Some(wrong) = sid.value.chars().find(|character| !character.is_ascii_alphanumeric()) {
            let plain: String = sid.value.chars().filter(char::is_ascii_alphanumeric).collect();
            report.add(
                sid.place,
                format!(
                    "the `Sid` {} has a {}, and IAM takes letters and digits only",
                    quote(&sid.value),
                    quote(&wrong.to_string())
                ),
                format!("write {}", quote(&plain)),
            );
        }
    }
}
