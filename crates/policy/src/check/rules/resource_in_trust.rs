//! A trust policy is about its role only.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "resource-in-trust",
    severity: Severity::Error,
    kinds: &[Kind::Trust],
    summary: "`Resource` in a role's trust policy",
    why: "The resource is the role itself; IAM refuses a trust policy that names one.",
    repair: "Take `Resource` out.",
    source: "IAM JSON policy elements: Resource",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole", "Resource": "*"}"#,
    )],
    good: &[Example(
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for list in policy.statements().filter_map(|statement| statement.resources.as_ref()) {
        report.add(
            list.place,
            "a trust policy has no `Resource`: it is about the role that it stands on, and IAM refuses it",
            "take this element out",
        );
    }
}
