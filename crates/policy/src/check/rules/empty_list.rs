//! Lists with nothing in them.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "empty-list",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "An element, a condition or a document without a value",
    why: "A statement whose list is empty applies to nothing (in its `Not` form: to everything), which nobody writes on purpose. Most services refuse it.",
    repair: "Fill the list, or take the statement out.",
    source: "Grammar of the IAM JSON policy language",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": [], "Resource": "*"}"#),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": []}"#),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": []}}}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"AWS": []}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        ),
    ],
    good: &[Example(Kind::Identity, r#"{"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]}"#)],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.document.statements.is_empty() {
        report.add(
            dodai_document::Place::FILE,
            "the policy has no statement, so it says nothing",
            "add a statement, or delete the policy",
        );
    }
    for statement in policy.statements() {
        let resources = statement.resources.as_ref().map(|list| (list, "Resource"));
        for (list, element) in [(&statement.actions, "Action")].into_iter().chain(resources) {
            if list.values.is_empty() {
                let (not, reach) = if list.negated { ("Not", "everything") } else { ("", "nothing") };
                report.add(
                    list.place,
                    format!("`{not}{element}` is empty, so the statement applies to {reach}"),
                    "fill the list, or take the statement out",
                );
            }
        }
        if let Some(principals) = statement.principals.as_ref().filter(|principals| principals.values.is_empty()) {
            report.add(principals.place, "the statement names no principal", "name one, or take the statement out");
        }
        for condition in statement.conditions.iter().filter(|condition| condition.values.is_empty()) {
            let effect = if condition.operator.comparison.is_negated() { "always" } else { "never" };
            report.add(
                condition.key.place,
                format!(
                    "`{}` of {} has no value, so it {effect} holds",
                    condition.operator,
                    quote(&condition.key.value)
                ),
                "add a value, or take the key out",
            );
        }
    }
}
