//! Everything but these, allowed.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "not-action-allow",
    severity: Severity::Warning,
    kinds: &[Kind::Identity, Kind::Resource, Kind::Trust, Kind::Session],
    summary: "`NotAction` with `Allow`",
    why: "It allows every other action of every service, also of those that AWS has yet to bring out.",
    repair: "List what is allowed in `Action`; to take something away from a wider grant, use a `Deny` statement.",
    source: "IAM JSON policy elements: NotAction",
    checks: Checks::Document(check),
    bad: &[Example(Kind::Identity, r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#)],
    good: &[
        Example(Kind::Identity, r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}"#),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Allow", "NotAction": "organizations:LeaveOrganization", "Resource": "*"}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows().filter(|statement| statement.actions.negated) {
        report.add(
            statement.actions.place,
            "`NotAction` with `Allow` allows every other action of every service, future ones too",
            "list what is allowed in `Action`, or add a `Deny` for what is not",
        );
    }
}
