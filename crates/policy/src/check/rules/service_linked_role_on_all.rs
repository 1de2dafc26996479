//! A service-linked role for any service.

use super::prelude::*;
use crate::check::capability::{is_everywhere, names};

pub const RULE: Rule = Rule {
    id: "service-linked-role-on-all",
    severity: Severity::Warning,
    kinds: &[Kind::Identity, Kind::Session],
    summary: "`iam:CreateServiceLinkedRole` on all resources, without `iam:AWSServiceName`",
    why: "It gives any service, also ones that nobody here uses, a role in the account that SCPs do not restrict.",
    repair: "Add a condition on `iam:AWSServiceName`.",
    source: "IAM policy validation check reference: Create SLR with star in resource",
    checks: Checks::Document(check),
    bad: &[Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*"}"#)],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*", "Condition": {"StringEquals": {"iam:AWSServiceName": "guardduty.amazonaws.com"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows().filter(|statement| statement.conditions.is_empty()) {
        let exact = names(statement, "iam:createservicelinkedrole")
            .filter(|action| !statement.actions.negated && !action.value.contains(['*', '?']));
        if let Some(action) = exact.filter(|_| is_everywhere(statement, "iam:CreateServiceLinkedRole")) {
            report.add(
                action.place,
                format!("{} on all resources makes service-linked roles for any service", quote(&action.value)),
                "add a condition such as `{\"StringEquals\": {\"iam:AWSServiceName\": \"guardduty.amazonaws.com\"}}`",
            );
        }
    }
}
