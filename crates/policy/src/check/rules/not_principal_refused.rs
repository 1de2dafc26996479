//! `NotPrincipal` where AWS does not take it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "not-principal-refused",
    severity: Severity::Error,
    kinds: &[Kind::Resource, Kind::Trust, Kind::Endpoint],
    summary: "`NotPrincipal` with `Allow`, or in a trust policy",
    why: "AWS takes `NotPrincipal` with `Deny` only, and not in the trust policies of roles. Where a service does take it, an `Allow` is for everybody else in the world.",
    repair: "Name who is meant in `Principal`.",
    source: "AWS JSON policy elements: NotPrincipal",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/eve"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/eve"}, "Action": "sts:AssumeRole"}"#,
        ),
    ],
    good: &[Example(
        Kind::Resource,
        r#"{"Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:user/eve"]}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let Some(principals) = statement.principals.as_ref().filter(|principals| principals.negated) else { continue };
        let message = match (policy.kind, statement.effect) {
            (Kind::Trust, _) => "AWS takes no `NotPrincipal` in the trust policy of a role",
            (_, Effect::Allow) => "`NotPrincipal` with `Allow` is not supported, and means everybody else in the world",
            (_, Effect::Deny) => continue,
        };
        report.add(principals.place, message, "name who is meant in `Principal`");
    }
}
