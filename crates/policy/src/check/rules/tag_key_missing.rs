//! Keys about a tag that name no tag.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "tag-key-missing",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "`aws:RequestTag`, `aws:ResourceTag` or `aws:PrincipalTag` without the tag's key",
    why: "No request has a key of that name: the condition decides nothing.",
    repair: "Write the tag's key after a slash: `aws:ResourceTag/team`.",
    source: "AWS global condition context keys",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceTag": "a"}}}"#,
    )],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "a"}}}"#,
    )],
};

/// Whether a key is one about tags, and names none.
pub fn is_tag(key: &str) -> bool {
    let bare = key.strip_suffix('/').unwrap_or(key);
    ["aws:RequestTag", "aws:ResourceTag", "aws:PrincipalTag"].iter().any(|tag| tag.eq_ignore_ascii_case(bare))
}

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let conditions = policy.statements().flat_map(|statement| &statement.conditions);
    for condition in conditions.filter(|condition| is_tag(&condition.key.value)) {
        report.add(
            condition.key.place,
            format!("{} does not say which tag, and no request has such a key", quote(&condition.key.value)),
            format!("write the tag's key after a slash: `{}/team`", condition.key.value.trim_end_matches('/')),
        );
    }
}
