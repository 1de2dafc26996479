//! Resources that none of the statement's actions works on.

use super::action_fits_no_resource::{MOST, is_said};
use super::prelude::*;
use crate::check::fit::takes;

pub const RULE: Rule = Rule {
    id: "resource-fits-no-action",
    severity: Severity::Warning,
    kinds: &[
        Kind::ServiceControl,
        Kind::ResourceControl,
        Kind::Identity,
        Kind::Resource,
        Kind::Session,
        Kind::Boundary,
        Kind::Endpoint,
    ],
    summary: "A resource that none of the statement's actions works on",
    why: "The statement never applies to that resource; most often a slash, a Region or the resource type is wrong.",
    repair: "Correct the ARN after the patterns of the service's resource types.",
    source: "Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ["arn:aws:lambda:*:*:function:a", "arn:aws:lambda:*:*:function/b"]}"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ["arn:aws:lambda:*:*:function:a", "arn:aws:lambda:*:*:function:b:live"]}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements() {
        let Some(list) = statement.resources.as_ref().filter(|list| !list.negated && is_said(&list.values)) else {
            continue;
        };
        let Some(actions) = policy.actions(statement).filter(|actions| actions.len() <= MOST) else { continue };
        // What the reference does not know may work on anything.
        let unknown = |text: &Text| policy.matching(&text.value).is_none_or(|named| named.is_empty());
        if actions.is_empty() || statement.actions.values.iter().any(unknown) {
            continue;
        }
        let (fitting, others): (Vec<&Text>, Vec<&Text>) =
            list.values.iter().partition(|value| actions.iter().any(|&action| takes(action, &value.value)));
        // Where none fits, `action-fits-no-resource` says so.
        if fitting.is_empty() {
            continue;
        }
        for value in others {
            report.add(
                value.place,
                format!(
                    "none of the statement's actions works on {}, so the statement never applies to it",
                    quote(&value.value)
                ),
                "compare it with the ARN patterns of the service's resource types, or take it out",
            );
        }
    }
}
