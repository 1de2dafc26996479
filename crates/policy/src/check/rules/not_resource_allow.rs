//! Everywhere but there, allowed.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "not-resource-allow",
    severity: Severity::Warning,
    kinds: &[Kind::Identity, Kind::Resource, Kind::Session],
    summary: "`NotResource` with `Allow`",
    why: "It allows the actions on every other resource, also in other accounts and on those that do not exist yet.",
    repair: "List the resources in `Resource`; to take some away from a wider grant, use a `Deny` statement.",
    source: "IAM JSON policy elements: NotResource",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"}"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Deny", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::public/*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows() {
        if let Some(list) = statement.resources.as_ref().filter(|list| list.negated) {
            report.add(
                list.place,
                "`NotResource` with `Allow` allows the actions on every other resource, future ones too",
                "list what is allowed in `Resource`, or add a `Deny` for what is not",
            );
        }
    }
}
