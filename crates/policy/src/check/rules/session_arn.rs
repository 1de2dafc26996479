//! A session's ARN where AWS puts the role's.

use super::prelude::*;
use crate::check::arn::Arn;

pub const RULE: Rule = Rule {
    id: "session-arn",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "The ARN of a role's session under `aws:PrincipalArn`",
    why: "For a session the key is the ARN of its role, so the value matches nothing: an exception excepts nobody.",
    repair: "Write the role's ARN: `arn:aws:iam::111122223333:role/name`.",
    source: "AWS global condition context keys: aws:PrincipalArn",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::*:assumed-role/Administrator/*"}}}"#,
    )],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Administrator"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let conditions = policy.statements().flat_map(|statement| &statement.conditions);
    for text in conditions.filter(|it| is(it, "aws:PrincipalArn")).flat_map(|condition| &condition.values) {
        let session = Arn::read(&text.value)
            .filter(|arn| arn.service == "sts")
            .and_then(|arn| arn.resource.strip_prefix("assumed-role/"));
        if let Some(rest) = session {
            let role = rest.split('/').next().unwrap_or_default();
            report.add(
                text.place,
                format!(
                    "for a role's session `aws:PrincipalArn` is the role's ARN, so {} matches nothing",
                    quote(&text.value)
                ),
                format!("write {}", quote(&format!("arn:aws:iam::*:role/{role}"))),
            );
        }
    }
}
