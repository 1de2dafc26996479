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

/// Keys that say how or what, not who. A condition on any other key may restrict who, and is given the benefit of doubt.
const NOT_WHO: &[&str] = &[
    "aws:SecureTransport",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:UserAgent",
    "aws:referer",
    "aws:MultiFactorAuthPresent",
    "aws:RequestTag/",
    "aws:TagKeys",
    "sts:ExternalId",
    "sts:RoleSessionName",
    "sts:DurationSeconds",
    "lambda:FunctionUrlAuthType",
    "s3:prefix",
    "s3:delimiter",
    "s3:max-keys",
    "s3:TlsVersion",
    "s3:authType",
    "s3:signatureversion",
    "s3:signatureAge",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    // A deny for strangers beside the allow is a way to write it too.
    let about_who = |statement: &Statement| statement.conditions.iter().any(|it| !is_any(it, NOT_WHO));
    if policy.denies().any(about_who) {
        return;
    }
    for statement in policy.allows().filter(|statement| statement.conditions.iter().all(|it| is_any(it, NOT_WHO))) {
        let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else { continue };
        let everybody = principals.values.iter().find(|one| one.kind == PrincipalKind::Aws && one.value.value == "*");
        if let Some(everybody) = everybody {
            let (who, secret) = match policy.kind {
                Kind::Trust => (
                    "anybody with an AWS account may assume the role",
                    statement.conditions.iter().any(|it| is(it, "sts:ExternalId")),
                ),
                _ => ("anybody may call these actions", false),
            };
            let note = if secret { "; an external id is no secret" } else { "" };
            report.add(
                everybody.value.place,
                format!("the statement allows everybody: {who}{note}"),
                "name the accounts or roles, or add a condition on `aws:PrincipalOrgID`",
            );
        }
    }
}
