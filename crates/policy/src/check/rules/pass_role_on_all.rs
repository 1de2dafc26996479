//! Any role to any service.

use super::prelude::*;
use crate::check::capability::{is_everywhere, names, narrows};

pub const RULE: Rule = Rule {
    id: "pass-role-on-all",
    severity: Severity::Warning,
    kinds: &[Kind::Identity, Kind::Session],
    summary: "`iam:PassRole` on all roles, without `iam:PassedToService`",
    why: "Whoever may pass any role to a service can run code with the rights of the strongest role in the account.",
    repair: "Name the roles, and the service in a condition on `iam:PassedToService`.",
    source: "IAM policy validation check reference: Pass role with star in resource",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}"#),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:Pass*", "Resource": "arn:aws:iam::111122223333:role/*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringLike": {"iam:PassedToService": "*"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": ["ec2:RunInstances", "iam:PassRole"], "Resource": ["arn:aws:ec2:*:*:instance/*", "arn:aws:iam::*:role/app"]}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/app/*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows().filter(|statement| !super::full_admin::is_full(statement)) {
        if statement.actions.negated
            || statement.conditions.iter().any(narrows)
            || !is_everywhere(statement, "iam:PassRole")
        {
            continue;
        }
        if let Some(action) = names(statement, "iam:passrole") {
            report.add(
                action.place,
                format!("{} lets every role of the account be passed to every service", quote(&action.value)),
                "name the roles in `Resource`, and the service in a condition on `iam:PassedToService`",
            );
        }
    }
}
