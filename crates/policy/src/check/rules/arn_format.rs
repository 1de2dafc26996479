//! A resource is `*` or an ARN.

use super::prelude::*;
use crate::check::arn::{Arn, reaches_over};

pub const RULE: Rule = Rule {
    id: "arn-format",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A resource that is neither `*` nor an ARN",
    why: "AWS refuses the policy, or the text matches no resource.",
    repair: "Write `arn:partition:service:region:account:resource`; fields may be empty, not left out.",
    source: "IAM JSON policy elements: Resource; Identify AWS resources with Amazon Resource Names (ARNs)",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "my-bucket/*"}"#),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:my-bucket/key"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s*:::my-bucket/*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::1111-2222-3333:role/a"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aswc:iam::111122223333:role/a"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": " arn:aws:iam::111122223333:role/a"}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:*:s3:::my-bucket/*", "arn:aws:s3:*", "*"]}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetPolicy", "Resource": "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "execute-api:Invoke", "Resource": "execute-api:/prod/GET/*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws-us-gov:iam::1111*:role/a"}"#,
        ),
    ],
};

const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for text in policy.statements().filter_map(|statement| statement.resources.as_ref()).flat_map(|list| &list.values) {
        // API Gateway's resource policies may leave out what the API itself says.
        if policy.kind == Kind::Resource && text.value.starts_with("execute-api:/") {
            continue;
        }
        if let Some((message, help)) = wrong(&text.value) {
            report.add(text.place, message, help);
        }
    }
}

/// What is wrong with a value of `Resource`, and what to do.
fn wrong(value: &str) -> Option<(String, String)> {
    let wild = |text: &str| text.contains(['*', '?', '$']);
    if value.is_empty() || value.chars().all(|c| c == '*') {
        return value
            .is_empty()
            .then(|| ("a resource is empty and matches nothing".to_owned(), "write `*` or an ARN".to_owned()));
    }
    let shape = "arn:partition:service:region:account:resource";
    if value.trim() != value {
        return Some((
            format!("{} begins or ends with white space, so it matches nothing", quote(value)),
            format!("write {}", quote(value.trim())),
        ));
    }
    let Some(arn) = Arn::read(value) else {
        if reaches_over(value) || value.starts_with(['*', '?', '$']) {
            return None;
        }
        let what = if value.starts_with("arn:") { "is an ARN that lacks fields" } else { "is no ARN" };
        return Some((
            format!("{} {what}, so AWS refuses it or it matches nothing", quote(value)),
            format!("write `*`, or `{shape}`"),
        ));
    };
    if arn.service.contains(['*', '?']) {
        return Some((
            format!("{} has a wildcard for the service, which AWS does not take", quote(value)),
            "name the service, or write `*` for all resources".to_owned(),
        ));
    }
    if !wild(arn.partition) && !PARTITIONS.contains(&arn.partition) {
        let help = dodai_facts::nearest(arn.partition, PARTITIONS).unwrap_or("aws");
        return Some((
            format!("{} names the partition {}, which is none", quote(value), quote(arn.partition)),
            format!("did you mean `{help}`?"),
        ));
    }
    let numeric = !arn.account.is_empty() && arn.account.chars().all(|c| c.is_ascii_digit() || c == '-');
    if numeric && (arn.account.len() != 12 || arn.account.contains('-')) {
        return Some((
            format!("{} names the account {}, which is no account id", quote(value), quote(arn.account)),
            "an account id has 12 digits and no hyphens".to_owned(),
        ));
    }
    None
}
