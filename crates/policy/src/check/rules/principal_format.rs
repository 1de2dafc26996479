//! Who can be named as a principal.

use super::prelude::*;
use crate::check::arn::Arn;

pub const RULE: Rule = Rule {
    id: "principal-format",
    severity: Severity::Error,
    kinds: Kind::WITH_PRINCIPAL,
    summary: "A principal that AWS cannot resolve",
    why: "AWS refuses the policy, or the principal is nobody.",
    repair: "Name an account, a user, a role, a session, a service or an identity provider in full; for patterns use a condition on `aws:PrincipalArn`.",
    source: "AWS JSON policy elements: Principal",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app-*"}, "Action": "sts:AssumeRole"}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:group/admins"}, "Action": "sts:AssumeRole"}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": "1111-2222-3333"}, "Action": "sts:AssumeRole"}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}, "Action": "sts:AssumeRole"}"#,
        ),
        Example(Kind::Trust, r#"{"Effect": "Allow", "Principal": {"Service": "ec2"}, "Action": "sts:AssumeRole"}"#),
        Example(Kind::Trust, r#"{"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}"#),
    ],
    good: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/path/app", "arn:aws:sts::111122223333:assumed-role/app/session"], "Service": ["ec2.amazonaws.com", "states.eu-west-1.amazonaws.com.cn"]}, "Action": "sts:AssumeRole"}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    // What an RCP may name is `rcp-principal`'s.
    let all = policy.statements().filter(|_| policy.kind != Kind::ResourceControl);
    for principal in all.filter_map(|statement| statement.principals.as_ref()).flat_map(|principals| &principals.values)
    {
        let value = &principal.value.value;
        if placeholder(value).is_some() || value.contains("${") {
            continue;
        }
        let wrong = match principal.kind {
            PrincipalKind::Aws => account(value),
            PrincipalKind::Service => service(value),
            PrincipalKind::CanonicalUser => {
                let id = value.len() == 64 && value.chars().all(|c| c.is_ascii_hexdigit());
                (!id).then_some((
                    "is no canonical user id",
                    "write the 64 hexadecimal digits of `aws s3api list-buckets --query Owner.ID`",
                ))
            }
            PrincipalKind::Federated => None,
        };
        if let Some((what, help)) = wrong {
            report.add(principal.value.place, format!("the principal {} {what}", quote(value)), help);
        }
    }
}

fn account(value: &str) -> Option<(&'static str, &'static str)> {
    if value == "*" || (value.len() == 12 && value.chars().all(|c| c.is_ascii_digit())) {
        return None;
    }
    if value.contains(['*', '?']) {
        return Some((
            "has a wildcard, which AWS takes only as a whole: `*`",
            "name it in full, or use `*` with a condition on `aws:PrincipalArn`",
        ));
    }
    let unique = value.len() >= 16 && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if unique && ["AROA", "AIDA", "AGPA", "ANPA"].iter().any(|prefix| value.starts_with(prefix)) {
        return Some((
            "is the unique id of a user or role, which AWS shows when it has been deleted: nobody has this access any more",
            "take it out, or name the user or role that took its place",
        ));
    }
    let Some(arn) = Arn::read(value) else {
        return Some((
            "is neither an account id nor an ARN",
            "write the account's 12 digits, or the ARN of a user, role or session",
        ));
    };
    match (arn.service, arn.resource.split('/').next().unwrap_or_default()) {
        ("iam", "group") => Some(("is a group, which cannot be a principal", "name its users, or better a role")),
        ("iam", "root" | "user" | "role") | ("sts", "assumed-role" | "federated-user" | "self") => None,
        ("iam" | "sts", _) => {
            Some(("is no account, user, role or session", "write `arn:aws:iam::111122223333:role/name` or the like"))
        }
        _ => Some((
            "is an ARN of another service than IAM and STS",
            "name an account, user, role or session; a service stands under `Service`",
        )),
    }
}

fn service(value: &str) -> Option<(&'static str, &'static str)> {
    if value.contains(['*', '?']) {
        return Some(("has a wildcard, which AWS does not take for services", "name the services"));
    }
    let host = value.contains('.') && value.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    (!host).then_some(("is no service's name", "write it in full: `ec2.amazonaws.com`"))
}
