//! Policies that apply to whom they are attached to name nobody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "principal-not-allowed",
    severity: Severity::Error,
    kinds: Kind::WITHOUT_PRINCIPAL,
    summary: "`Principal` in a policy that applies to whom it is attached to",
    why: "AWS refuses the policy.",
    repair: "Take `Principal` out; to except somebody, use a condition on `aws:PrincipalArn`.",
    source: "AWS JSON policy elements: Principal; SCP syntax",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Principal": "*", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#,
        ),
    ],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for principals in policy.statements().filter_map(|statement| statement.principals.as_ref()) {
        let not = if principals.negated { "Not" } else { "" };
        report.add(
            principals.place,
            format!(
                "{} has no `{not}Principal`: it applies to whom it is attached to, and AWS refuses it",
                policy.kind.describe()
            ),
            "take this element out; to except somebody, use a condition on `aws:PrincipalArn`",
        );
    }
}
