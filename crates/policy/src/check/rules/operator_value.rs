//! Values that an operator cannot compare.

use super::prelude::*;
use crate::check::values::{is_address, is_date, is_number};

pub const RULE: Rule = Rule {
    id: "operator-value",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A value that its operator cannot read",
    why: "AWS refuses the policy, or the value never matches: a deny with it denies nothing, an exception excepts nobody.",
    repair: "Write a number, an ISO 8601 date or seconds since 1970, `true` or `false`, an IP address or CIDR block, or an ARN, as the operator wants.",
    source: "IAM JSON policy elements: Condition operators",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"NumericGreaterThan": {"sts:DurationSeconds": "10abc"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "next monday"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "no"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/a", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/33", "203.0.113.*"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"Null": {"aws:PrincipalTag/team": "yes"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "Administrator"}}}"#,
        ),
    ],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/a", "Condition": {"NumericLessThan": {"sts:DurationSeconds": 3600}, "DateGreaterThan": {"aws:CurrentTime": ["2026-01-01", "2026-01-01T00:00:00Z", "1767225600"]}, "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::1"]}, "Bool": {"aws:SecureTransport": "True"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let Some((expected, fits)) = wanted(condition.operator.comparison) else { continue };
        for text in &condition.values {
            // Placeholders and variables have rules of their own.
            if fits(text.value.trim()) || placeholder(&text.value).is_some() || text.value.contains("${") {
                continue;
            }
            let never = if condition.operator.comparison.is_negated() { "always holds" } else { "never matches" };
            report.add(
                text.place,
                format!("{} is not {expected}, so `{}` refuses it or {never}", quote(&text.value), condition.operator),
                format!("write {expected}"),
            );
        }
    }
}

type Wanted = (&'static str, fn(&str) -> bool);

/// What a comparison reads, and whether a text is one.
fn wanted(comparison: Comparison) -> Option<Wanted> {
    use Comparison::{
        ArnEquals, ArnLike, ArnNotEquals, ArnNotLike, Bool, DateEquals, DateGreaterThan, DateGreaterThanEquals,
        DateLessThan, DateLessThanEquals, DateNotEquals, IpAddress, NotIpAddress, Null, NumericEquals,
        NumericGreaterThan, NumericGreaterThanEquals, NumericLessThan, NumericLessThanEquals, NumericNotEquals,
    };
    Some(match comparison {
        NumericEquals
        | NumericNotEquals
        | NumericLessThan
        | NumericLessThanEquals
        | NumericGreaterThan
        | NumericGreaterThanEquals => ("a number", is_number),
        DateEquals | DateNotEquals | DateLessThan | DateLessThanEquals | DateGreaterThan | DateGreaterThanEquals => {
            ("a date (`2026-01-31T00:00:00Z`) or seconds since 1970", is_date)
        }
        Bool | Null => {
            ("`true` or `false`", |text| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"))
        }
        IpAddress | NotIpAddress => ("an IP address or CIDR block", is_address),
        ArnEquals | ArnLike | ArnNotEquals | ArnNotLike => {
            ("an ARN", |text| text.starts_with("arn:") || text.starts_with(['*', '?']))
        }
        _ => return None,
    })
}
