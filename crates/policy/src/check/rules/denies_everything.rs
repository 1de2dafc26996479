//! A stop for everybody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "denies-everything",
    severity: Severity::Warning,
    kinds: &[Kind::ServiceControl, Kind::Identity, Kind::Session, Kind::Boundary],
    summary: "`Deny` of `*` on `*` without a condition",
    why: "Nobody whom the policy reaches can do anything any more, nor undo it from inside of the account.",
    repair: "Add a condition that spares the operators' roles, unless the account is to be in quarantine.",
    source: "SCP evaluation",
    checks: Checks::Document(check),
    bad: &[Example(Kind::ServiceControl, r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#)],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/dodai-*"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let all = |values: &[Text]| values.iter().any(|text| matches!(text.value.as_str(), "*" | "*:*" | "**"));
    for statement in policy.denies() {
        let everything = statement.conditions.is_empty()
            && !statement.actions.negated
            && all(&statement.actions.values)
            && statement.resources.as_ref().is_some_and(|list| !list.negated && all(&list.values));
        if everything {
            report.add(
                statement.place,
                "the statement denies every action on every resource, to everybody whom the policy reaches",
                "spare the operators' roles by a condition on `aws:PrincipalArn`, unless this is a quarantine",
            );
        }
    }
}
