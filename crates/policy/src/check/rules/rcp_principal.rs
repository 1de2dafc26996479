//! Resource control policies are about everybody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "rcp-principal",
    severity: Severity::Error,
    kinds: &[Kind::ResourceControl],
    summary: "A resource control policy whose `Principal` is not `*`",
    why: "AWS Organizations refuses it.",
    repair: "Write `\"Principal\": \"*\"` and say who in a condition.",
    source: "RCP syntax",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ResourceControl,
            r#"{"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}"#,
        ),
        Example(
            Kind::ResourceControl,
            r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/a"}, "Action": "s3:*", "Resource": "*"}"#,
        ),
    ],
    good: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for principals in policy.statements().filter_map(|statement| statement.principals.as_ref()) {
        let everybody = matches!(
            principals.values.as_slice(),
            [one] if one.kind == PrincipalKind::Aws && one.value.value == "*"
        );
        if principals.negated {
            report.add(
                principals.place,
                "a resource control policy cannot have `NotPrincipal`, and AWS Organizations refuses it",
                "write `\"Principal\": \"*\"` and a condition such as `ArnNotLike` on `aws:PrincipalArn`",
            );
        } else if !everybody {
            report.add(
                principals.place,
                "the `Principal` of a resource control policy can only be `*`, and AWS Organizations refuses this one",
                "write `\"Principal\": \"*\"` and say who in a condition on `aws:PrincipalArn` or `aws:PrincipalAccount`",
            );
        }
    }
}
