//! A boundary that its bearer can take off.

use super::prelude::*;
use crate::check::capability::granted;

pub const RULE: Rule = Rule {
    id: "boundary-removable",
    severity: Severity::Warning,
    kinds: &[Kind::Boundary],
    summary: "A permissions boundary under which the boundary itself can be removed",
    why: "Whoever it bounds takes it off, or writes a new version of it, and is bounded no more.",
    repair: "Deny `iam:DeleteUserPermissionsBoundary`, `iam:DeleteRolePermissionsBoundary` and `iam:CreatePolicyVersion` on the boundary.",
    source: "Permissions boundaries for IAM entities",
    checks: Checks::Document(check),
    bad: &[Example(Kind::Boundary, r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)],
    good: &[
        Example(
            Kind::Boundary,
            r#"[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": ["iam:Delete*PermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"], "Resource": "*"}]"#,
        ),
        Example(Kind::Boundary, r#"{"Effect": "Allow", "Action": ["s3:*", "iam:Get*"], "Resource": "*"}"#),
    ],
};

const WAYS: [&str; 4] = [
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let open: Vec<(&str, &Text)> =
        WAYS.into_iter().filter_map(|action| Some((action, granted(policy.document, action)?))).collect();
    if let Some((_, text)) = open.first() {
        let actions: Vec<&str> = open.iter().map(|(action, _)| *action).collect();
        report.add(
            text.place,
            format!("under this boundary its bearer may call `{}`, and so be rid of it", actions.join("`, `")),
            "deny them in the boundary, at least on the boundary itself",
        );
    }
}
