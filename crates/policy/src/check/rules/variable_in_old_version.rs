//! `${…}` in a document in which it is plain text.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "variable-in-old-version",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A policy variable in a document of version 2008-10-17",
    why: "There `${aws:username}` is plain text: the resource or condition matches nobody's name, and what was to be allowed or denied is not.",
    repair: "Write `\"Version\": \"2012-10-17\"`.",
    source: "IAM policy elements: Variables and tags",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"}}"#,
    )],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/$x/*"}}"#,
        ),
    ],
};

/// The first value with a variable.
pub fn first<'a>(policy: &Subject<'a>) -> Option<&'a Text> {
    policy.statements().find_map(|statement| {
        let resources = statement.resources.iter().flat_map(|list| &list.values);
        let conditions = statement.conditions.iter().flat_map(|condition| &condition.values);
        resources.chain(conditions).find(|text| text.value.contains("${"))
    })
}

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.document.version == Version::V2012 {
        return;
    }
    let Some(text) = first(policy) else { return };
    report.add(
        text.place,
        format!(
            "{} has a policy variable, which is plain text in a document of version 2008-10-17",
            quote(&text.value)
        ),
        "write `\"Version\": \"2012-10-17\"` before `Statement`",
    );
}
