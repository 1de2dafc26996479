//! Values of conditions that no principal, account or Region has.

use super::prelude::*;
use crate::check::arn::Arn;
use crate::check::condition::without_variables;
use crate::check::wildcard::overlap;

pub const RULE: Rule = Rule {
    id: "names-nobody",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A condition's value that no principal, account or Region has",
    why: "What was to be excepted from a deny is not: the statement is about everybody. What was to be denied or allowed is nobody.",
    repair: "Write the whole ARN of a role (`arn:aws:iam::111122223333:role/path/name`, `*` for the account), twelve digits, or a Region's code.",
    source: "AWS global condition context keys: aws:PrincipalArn, aws:PrincipalAccount, aws:RequestedRegion; ARN condition operators",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::role/Admin", "arn:aws:iam:*:role/Admin", "arn:aws:iam::1234:role/Admin"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalArn": "Admin"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "12345"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "Ireland"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Admin", "arn:aws:iam::1111*:role/Admin", "arn:*:iam::*:root"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam:*:role/Admin", "aws:PrincipalAccount": ["111122223333", "4444*"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-gov-east-1"]}}}"#,
        ),
    ],
};

/// ARNs that `aws:PrincipalArn` can be; of a session, which it never is, speaks `session-arn`.
const PRINCIPALS: [&str; 5] = [
    "arn:*:iam::????????????:role/*",
    "arn:*:iam::????????????:user/*",
    "arn:*:iam::????????????:root",
    "arn:*:sts::????????????:federated-user/*",
    "arn:*:sts::????????????:assumed-role/*",
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let Some((what, names)) = wanted(condition) else { continue };
        for text in &condition.values {
            let value = without_variables(&text.value);
            // An empty value, and what is no ARN under an ARN's operator, have rules of their own.
            if value.is_empty() || placeholder(&text.value).is_some() || names(condition.operator.comparison, &value) {
                continue;
            }
            let never = if condition.operator.comparison.is_negated() { "excepts nobody" } else { "never matches" };
            report.add(
                text.place,
                format!("{} is not {what}, so under `{}` it {never}", quote(&text.value), condition.operator),
                format!("write {what}"),
            );
        }
    }
}

type Names = fn(Comparison, &str) -> bool;

fn wanted(condition: &Condition) -> Option<(&'static str, Names)> {
    use Comparison as C;
    let texts = matches!(
        condition.operator.comparison,
        C::StringEquals | C::StringNotEquals | C::StringLike | C::StringNotLike
    );
    let arns = matches!(condition.operator.comparison, C::ArnEquals | C::ArnNotEquals | C::ArnLike | C::ArnNotLike);
    if is(condition, "aws:PrincipalArn") && (texts || arns) {
        Some(("the ARN of a role, a user or an account", is_principal))
    } else if texts && is_any(condition, &["aws:PrincipalAccount", "aws:ResourceAccount", "aws:SourceAccount"]) {
        Some(("an account id of 12 digits", is_account))
    } else if texts && is(condition, "aws:RequestedRegion") {
        Some(("a Region's code, such as `eu-west-1`", is_region))
    } else {
        None
    }
}

fn is_principal(comparison: Comparison, value: &str) -> bool {
    match comparison {
        Comparison::StringEquals | Comparison::StringNotEquals => {
            value.contains(['*', '?']) || PRINCIPALS.iter().any(|shape| overlap(shape, value))
        }
        Comparison::StringLike | Comparison::StringNotLike => PRINCIPALS.iter().any(|shape| overlap(shape, value)),
        _ if !value.starts_with("arn:") => true,
        // Each field by itself.
        _ => Arn::read(value).is_some_and(|arn| {
            PRINCIPALS.iter().filter_map(|shape| Arn::read(shape)).any(|shape| {
                overlap(shape.service, arn.service)
                    && overlap(shape.region, arn.region)
                    && overlap(shape.account, arn.account)
                    && overlap(shape.resource, arn.resource)
            })
        }),
    }
}

fn is_account(_: Comparison, value: &str) -> bool {
    let plain = value.len() == 12 && value.chars().all(|c| c.is_ascii_digit());
    plain || value.eq_ignore_ascii_case("anonymous") || (value.contains(['*', '?']) && overlap("????????????", value))
}

fn is_region(_: Comparison, value: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '*' || c == '?';
    value.chars().all(lower) && (value.contains(['*', '?', '-']))
}
