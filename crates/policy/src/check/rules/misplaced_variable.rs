//! `${…}` where AWS replaces none.

use super::prelude::*;
use crate::check::arn::Arn;

pub const RULE: Rule = Rule {
    id: "misplaced-variable",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A policy variable where variables are not replaced",
    why: "AWS replaces variables in the last field of a resource's ARN and in values of string and ARN operators, nowhere else; elsewhere the text is taken as it is and matches nothing.",
    repair: "Use a wildcard in the other fields of an ARN, and a condition instead of a variable in `Action` or `Principal`.",
    source: "IAM policy elements: Variables and tags",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::${aws:PrincipalAccount}:role/*"}"#,
        ),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:${aws:PrincipalTag/verb}", "Resource": "*"}"#),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "${aws:PrincipalTag/ip}"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.document.version == Version::V2008 {
        return;
    }
    for statement in policy.statements() {
        for text in statement.actions.values.iter().filter(|text| is_variable(&text.value)) {
            add(text, "an action", "name the actions, or use `*`", report);
        }
        let principals = statement.principals.iter().flat_map(|principals| &principals.values);
        for principal in principals.filter(|principal| is_variable(&principal.value.value)) {
            add(
                &principal.value,
                "a principal",
                "name the principals, or use `*` and a condition on `aws:PrincipalArn`",
                report,
            );
        }
        for text in statement.resources.iter().flat_map(|list| &list.values) {
            let head = Arn::read(&text.value)
                .is_some_and(|arn| [arn.partition, arn.service, arn.region, arn.account].into_iter().any(is_variable));
            if head {
                add(
                    text,
                    "an ARN before its fifth colon",
                    "use `*` there, and a condition such as `aws:ResourceAccount`",
                    report,
                );
            }
        }
        for condition in statement.conditions.iter().filter(|condition| !takes_variables(condition.operator.comparison))
        {
            for text in condition.values.iter().filter(|text| is_variable(&text.value)) {
                let place = format!("a value of `{}`", condition.operator);
                add(text, &place, "only string and ARN operators take variables", report);
            }
        }
    }
}

fn add(text: &Text, place: &str, help: &str, report: &mut Report<'_>) {
    let message =
        format!("{} has a variable in {place}, where it is not replaced and matches nothing", quote(&text.value));
    report.add(text.place, message, help);
}

/// A variable that could be one: `${Account}` is `unknown-variable`'s.
fn is_variable(text: &str) -> bool {
    condition::variables(text).iter().any(|found| matches!(found, condition::Variable::Key(key) if key.contains(':')))
}

const fn takes_variables(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::StringEquals
            | Comparison::StringNotEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringNotEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::StringNotLike
            | Comparison::ArnEquals
            | Comparison::ArnLike
            | Comparison::ArnNotEquals
            | Comparison::ArnNotLike
    )
}
