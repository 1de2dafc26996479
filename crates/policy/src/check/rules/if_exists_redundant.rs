//! `IfExists` where it changes nothing.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "if-exists-redundant",
    severity: Severity::Suggestion,
    kinds: Kind::ALL,
    summary: "`IfExists` on an operator that holds for an absent key anyway, or beside a `Null` test of the key",
    why: "Negated operators hold when the key is absent, and a `Null` test decides it: `IfExists` reads as if it did \
          something, and takes characters. AWS's own examples of resource control policies write it all the same.",
    repair: "Leave `IfExists` out; the policy means the same.",
    source: "IAM JSON policy elements: Condition operators",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"ec2:InstanceType": "t3.micro"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEqualsIfExists": {"aws:RequestTag/team": "a"}, "Null": {"aws:RequestTag/team": "false"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEqualsIfExists": {"ec2:InstanceType": "x1.32xlarge"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAnyValue:StringNotEqualsIfExists": {"aws:TagKeys": "team"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        for condition in statement.conditions.iter().filter(|condition| condition.operator.if_exists) {
            let operator = condition.operator;
            let key = &condition.key.value;
            // `ForAnyValue` does not hold for an absent key, negated or not.
            let absent_holds = operator.quantifier == Some(Quantifier::All)
                || (operator.comparison.is_negated() && operator.quantifier.is_none());
            let why = if condition::demands_null(statement, key, false) {
                format!("`Null` demands that {} is there", quote(key))
            } else if absent_holds {
                format!("`{}` holds without the key anyway", crate::language::Operator { if_exists: false, ..operator })
            } else {
                continue;
            };
            let plain = crate::language::Operator { if_exists: false, ..operator };
            report.add(
                condition.key.place,
                format!("`IfExists` changes nothing for {}: {why}", quote(key)),
                format!("write `{plain}`"),
            );
        }
    }
}
