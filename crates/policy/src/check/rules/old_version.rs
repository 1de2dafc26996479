//! Documents of the first version of the language.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "old-version",
    severity: Severity::Suggestion,
    kinds: &[Kind::Identity, Kind::Resource, Kind::Trust, Kind::Session, Kind::Boundary, Kind::Endpoint],
    summary: "A document of version 2008-10-17, or without `Version`",
    why: "Policy variables and later features need 2012-10-17; whoever adds one to this document will be surprised.",
    repair: "Write `\"Version\": \"2012-10-17\"`.",
    source: "IAM JSON policy elements: Version",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}}"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    // Where a variable stands in it, `variable-in-old-version` says more.
    if policy.document.version == Version::V2012 || super::variable_in_old_version::first(policy).is_some() {
        return;
    }
    let Some(first) = policy.statements().next() else { return };
    report.add(
        first.place,
        "the document is of version 2008-10-17, the language's first, which has no policy variables",
        "write `\"Version\": \"2012-10-17\"` before `Statement`; a document that names no version is of 2008-10-17",
    );
}
