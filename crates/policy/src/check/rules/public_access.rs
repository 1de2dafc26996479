//! Access for everybody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "public-access",
    severity: Severity::Warning,
    kinds: &[Kind::Resource, Kind::Trust],
    summary: "`Allow` for everybody",
    why: "Anybody in the world with an AWS account, and for many services without one, may call the actions.",
    repair: "Name the accounts or roles, or add a condition on `aws:PrincipalOrgID`.",
    source: "Block public access to your Amazon S3 storage: the meaning of \"public\"",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:q", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}"#,
        ),
        Example(
            Kind::Resource,
            r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}"#,
        ),
        Example(
            Kind::Resource,
            r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for (statement, loose) in crate::access::open_to_everyone(policy.document) {
        let Some(principals) = &statement.principals else { continue };
        let everybody =
            principals.values.iter().find(|one| one.kind == PrincipalKind::Aws && one.value.value.contains('*'));
        let who = match policy.kind {
            Kind::Trust => "anybody with an AWS account may assume the role",
            _ => "anybody may call these actions",
        };
        let note = match loose {
            _ if statement.conditions.iter().any(|it| is(it, "sts:ExternalId")) => {
                "; an external id is no secret".to_owned()
            }
            Some(key) => format!("; the condition on {} confines nobody", quote(key)),
            None => String::new(),
        };
        report.add(
            everybody.map_or(principals.place, |one| one.value.place),
            format!("the statement allows everybody: {who}{note}"),
            "name the accounts or roles, or add a condition on `aws:PrincipalOrgID`",
        );
    }
}
