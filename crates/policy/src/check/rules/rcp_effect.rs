//! Resource control policies only deny.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "rcp-effect",
    severity: Severity::Error,
    kinds: &[Kind::ResourceControl],
    summary: "`Allow` in a resource control policy",
    why: "Only AWS's own RCPFullAWSAccess allows; AWS Organizations refuses any other.",
    repair: "Turn the statement round: deny what is not to be allowed.",
    source: "RCP syntax",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}"#,
    )],
    good: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if is_full_access(policy) {
        return;
    }
    for statement in policy.allows() {
        report.add(
            statement.place,
            "a resource control policy can only deny, and AWS Organizations refuses this `Allow`",
            "deny what is not to be allowed; RCPFullAWSAccess, which AWS attaches everywhere, allows the rest",
        );
    }
}

/// What AWS attaches itself: everything to everybody.
pub fn is_full_access(policy: &Subject<'_>) -> bool {
    let all = |values: &[Text]| matches!(values, [text] if text.value == "*");
    let [statement] = policy.document.statements.as_slice() else { return false };
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && !statement.actions.negated
        && all(&statement.actions.values)
        && statement.resources.as_ref().is_some_and(|list| !list.negated && all(&list.values))
}
