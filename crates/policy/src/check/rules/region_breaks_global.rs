//! Region restrictions that take the global services away.

use super::prelude::*;
use crate::check::wildcard::covers;
use crate::pattern::glob;

pub const RULE: Rule = Rule {
    id: "region-breaks-global",
    severity: Severity::Warning,
    kinds: &[Kind::ServiceControl],
    summary: "A Region restriction without us-east-1 that does not except the global services",
    why: "IAM, Organizations, CloudFront, Route 53 and Support are served from us-east-1 only: with them denied nobody can even repair the account's permissions.",
    repair: "Except them in `NotAction`, or allow us-east-1.",
    source: "AWS Organizations: Deny access to AWS based on the requested AWS Region",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "support:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "support:*", "route53*:*", "cloudfront:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}"#,
        ),
    ],
};

/// Services with one endpoint for the whole partition.
const GLOBAL: [&str; 5] = ["iam", "organizations", "cloudfront", "route53", "support"];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.denies() {
        let Some(condition) = statement.conditions.iter().find(|it| restricts(it)) else { continue };
        let patterns: Vec<String> = statement.actions.values.iter().map(|it| it.value.to_ascii_lowercase()).collect();
        let all = patterns.iter().any(|pattern| pattern == "*" || pattern == "*:*");
        let excepted = |service: &str| {
            let whole = format!("{service}:*");
            // An author who names some of a service's actions has thought of it.
            patterns.iter().any(|it| covers(it, &whole) || it.starts_with(&format!("{service}:")))
        };
        let denied: Vec<&str> = match statement.actions.negated {
            true => GLOBAL.into_iter().filter(|service| !excepted(service)).collect(),
            false if all => GLOBAL.to_vec(),
            false => continue,
        };
        if !denied.is_empty() {
            report.add(
                condition.key.place,
                format!("this denies `{}` everywhere, which are served from us-east-1 only", denied.join("`, `")),
                "except them in `NotAction` (`iam:*` and so on), or allow us-east-1",
            );
        }
    }
}

/// A restriction to Regions of the partition `aws` without us-east-1.
fn restricts(condition: &Condition) -> bool {
    let other = |text: &str| ["cn-", "us-gov-", "us-iso", "eusc-", "eu-isoe"].iter().any(|head| text.starts_with(head));
    is(condition, "aws:RequestedRegion")
        && condition.operator.comparison.is_negated()
        && !condition.values.is_empty()
        && condition.values.iter().all(|it| {
            let like = condition.operator.comparison == Comparison::StringNotLike && glob(&it.value, "us-east-1");
            !like
                && it.value != "us-east-1"
                && !other(&it.value)
                && placeholder(&it.value).is_none()
                && !it.value.contains("${")
        })
}
