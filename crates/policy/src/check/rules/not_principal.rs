//! All but these.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "not-principal",
    severity: Severity::Warning,
    kinds: &[Kind::Resource, Kind::Endpoint],
    summary: "`NotPrincipal` with `Deny`",
    why: "It hits the sessions of a role that it names, unless they are listed one by one, and it ignores permissions boundaries.",
    repair: "Name who is meant in `Principal`; to except somebody from a deny, use `\"Principal\": \"*\"` with `ArnNotEquals` on `aws:PrincipalArn`.",
    source: "AWS JSON policy elements: NotPrincipal",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Resource,
        r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/eve"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
    )],
    good: &[Example(
        Kind::Resource,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let Some(principals) = statement.principals.as_ref().filter(|principals| principals.negated) else { continue };
        // The others are `not-principal-refused`.
        if statement.effect == Effect::Deny {
            report.add(
                principals.place,
                "`NotPrincipal` with `Deny` also denies the sessions of the roles that it names, unless each is listed",
                "write `\"Principal\": \"*\"` with `ArnNotEquals` on `aws:PrincipalArn`, which matches a role's sessions",
            );
        }
    }
}
