//! Operators of another type than the key.

use super::prelude::*;
use crate::reference::KeyKind;

pub const RULE: Rule = Rule {
    id: "operator-type",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "An operator that does not go with its condition key's type",
    why: "What cannot be compared never matches: with a negated operator the condition always holds.",
    repair: "Use an operator of the key's type.",
    source: "IAM JSON policy elements: Condition operators",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"NumericEquals": {"aws:PrincipalAccount": "111122223333"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringLike": {"aws:SourceIp": "203.0.113.*"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringEquals": {"aws:CurrentTime": "2026-01-01"}}}"#,
        ),
    ],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}, "NumericLessThan": {"aws:EpochTime": "1767225600"}, "StringEquals": {"aws:SecureTransport": "true"}}}"#,
    )],
};

#[derive(PartialEq, Clone, Copy)]
enum Family {
    Text,
    Number,
    Date,
    Bool,
    Address,
    Arn,
}

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let Some(key) = policy.reference.key(&condition.key.value) else { continue };
        let Some(family) = family(condition.operator.comparison) else { continue };
        // The reference has keys of services as text that hold numbers (`glacier:ArchiveAgeInDays`).
        let doubtful = key.kind == KeyKind::String && !key.name.starts_with("aws:");
        if let Some((kind, operators)) = mismatch(family, key.kind).filter(|_| !doubtful) {
            report.add(
                condition.key.place,
                format!("`{}` does not go with {}, which is {kind}", condition.operator, quote(&condition.key.value)),
                format!("use {operators}"),
            );
        }
    }
}

/// Only what cannot match is said: a number, a truth and an ARN can be compared as text, and AWS's reference has keys
/// as text that hold truths, dates and ARNs.
fn mismatch(family: Family, kind: KeyKind) -> Option<(&'static str, &'static str)> {
    let number = ("a number", "`NumericEquals` or another numeric operator");
    let date = ("a date", "`DateLessThan` or another date operator");
    let truth = ("a truth", "`Bool`");
    let address = ("an IP address", "`IpAddress` or `NotIpAddress`");
    let arn = ("an ARN", "`ArnLike` or `ArnEquals`");
    let text = ("a text", "`StringEquals` or another string operator");
    match (kind, family) {
        (KeyKind::Numeric, Family::Date | Family::Bool | Family::Address | Family::Arn) => Some(number),
        (KeyKind::Date, Family::Text | Family::Bool | Family::Address | Family::Arn) => Some(date),
        (KeyKind::Bool, Family::Number | Family::Date | Family::Address | Family::Arn) => Some(truth),
        (KeyKind::Ip, Family::Text | Family::Number | Family::Date | Family::Bool | Family::Arn) => Some(address),
        (KeyKind::Arn, Family::Number | Family::Date | Family::Bool | Family::Address) => Some(arn),
        (KeyKind::String, Family::Number | Family::Address) => Some(text),
        _ => None,
    }
}

fn family(comparison: Comparison) -> Option<Family> {
    let name = comparison.as_str();
    Some(match comparison {
        Comparison::Null | Comparison::BinaryEquals => return None,
        Comparison::Bool => Family::Bool,
        Comparison::IpAddress | Comparison::NotIpAddress => Family::Address,
        _ if name.starts_with("Numeric") => Family::Number,
        _ if name.starts_with("Date") => Family::Date,
        _ if name.starts_with("Arn") => Family::Arn,
        _ => Family::Text,
    })
}
