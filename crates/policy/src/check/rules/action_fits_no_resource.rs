//! Actions that none of the statement's resources is for.

use super::prelude::*;
use crate::check::fit::takes;

pub const RULE: Rule = Rule {
    id: "action-fits-no-resource",
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
    summary: "An action that works on none of the resources that the statement names",
    why: "The statement never applies to that action: what was to be denied is not denied, what was to be allowed stays denied.",
    repair: "Name a resource of a type that the action works on; an action that works on none wants `\"Resource\": \"*\"`.",
    source: "Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs"}"#),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "arn:aws:ec2:*:*:instance/*"}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"], "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}"#,
        ),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}"#),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.statements().filter(|statement| !statement.actions.negated) {
        let Some(list) = statement.resources.as_ref().filter(|list| !list.negated && is_said(&list.values)) else {
            continue;
        };
        for action in &statement.actions.values {
            let Some(named) = policy.matching(&action.value).filter(|named| !named.is_empty() && named.len() <= MOST)
            else {
                continue;
            };
            if named.iter().any(|&one| list.values.iter().any(|value| takes(one, &value.value))) {
                continue;
            }
            let types: Vec<&str> = match named.as_slice() {
                [(service, action)] => action
                    .resources
                    .iter()
                    .filter_map(|resource| service.resource_type(&resource.name)?.arns.first().map(String::as_str))
                    .collect(),
                _ => Vec::new(),
            };
            let help = match (types.as_slice(), named.len()) {
                ([], 1) => "it works on no single resource and wants `\"Resource\": \"*\"`".to_owned(),
                ([], _) => "name a resource that these actions work on, or `*`".to_owned(),
                (types, _) => format!("it works on `{}`", types.join("`, `")),
            };
            report.add(
                action.place,
                format!(
                    "{} works on none of the statement's resources, so the statement never applies to it",
                    quote(&action.value)
                ),
                help,
            );
        }
    }
}

/// With more actions or values than this nothing is compared.
pub const MOST: usize = 1_000;

/// Whether the values are few, and ARNs or `*`: what is not is another rule's.
pub fn is_said(values: &[Text]) -> bool {
    !values.is_empty()
        && values.len() <= 100
        && values.iter().all(|text| text.value.starts_with("arn:") || text.value.chars().all(|c| c == '*'))
}
