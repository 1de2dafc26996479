//! SCPs and RCPs are of the current version of the language.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "organization-version",
    severity: Severity::Error,
    kinds: Kind::GUARDRAILS,
    summary: "A service or resource control policy without `\"Version\": \"2012-10-17\"`",
    why: "AWS Organizations accepts no other version. A document without `Version` is of 2008-10-17, in which `${…}` is plain text.",
    repair: "Write `\"Version\": \"2012-10-17\"` at the top.",
    source: "SCP syntax; RCP syntax",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Statement": {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}}"#,
        ),
        Example(
            Kind::ResourceControl,
            r#"{"Version": "2008-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}}"#,
        ),
    ],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.document.version == Version::V2012 {
        return;
    }
    let Some(first) = policy.statements().next() else { return };
    report.add(
        first.place,
        format!("{} must be of version 2012-10-17, and this one is of 2008-10-17", policy.kind.describe()),
        "write `\"Version\": \"2012-10-17\"` before `Statement`; a document that names no version is of 2008-10-17",
    );
}
