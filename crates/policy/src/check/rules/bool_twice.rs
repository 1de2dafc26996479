//! `true` and `false` in one list.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bool-twice",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "`Bool` or `Null` with both `true` and `false`",
    why: "AWS refuses it, or it always holds where the key is there: the condition decides nothing.",
    repair: "Keep the one that is meant, or take the condition out.",
    source: "IAM policy validation check reference: Invalid condition multiple Boolean",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": ["true", "false"]}}}"#,
    )],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": ["false"]}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let has = |truth: &str| condition.values.iter().any(|text| text.value.eq_ignore_ascii_case(truth));
        let one = matches!(condition.operator.comparison, Comparison::Bool | Comparison::Null);
        if one && has("true") && has("false") {
            report.add(
                condition.key.place,
                format!(
                    "`{}` of {} takes both `true` and `false`, so it decides nothing",
                    condition.operator,
                    quote(&condition.key.value)
                ),
                "keep the one that is meant",
            );
        }
    }
}
