//! What an example's author meant to be replaced.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "placeholder-left",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A placeholder such as `<my-org-id>` or `[PRIVILEGED_ROLE]`",
    why: "It matches nothing. In an exception it excepts nobody, so that a deny hits those who were to be spared too.",
    repair: "Put the real value in its place.",
    source: "IAM JSON policy elements: Condition",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/[PRIVILEGED_ROLE]"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::<bucket-name>/*"}"#,
        ),
    ],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let resources = statement.resources.iter().flat_map(|list| &list.values);
        let principals = statement.principals.iter().flat_map(|principals| &principals.values);
        let conditions = statement.conditions.iter().flat_map(|condition| &condition.values);
        for text in resources.chain(principals.map(|principal| &principal.value)).chain(conditions) {
            if let Some(placeholder) = placeholder(&text.value) {
                report.add(
                    text.place,
                    format!("{} has the placeholder {}, which matches nothing", quote(&text.value), quote(placeholder)),
                    "put the real value in its place",
                );
            }
        }
    }
}
