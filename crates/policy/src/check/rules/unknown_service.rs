//! Service prefixes that AWS does not have.

use std::collections::HashSet;

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "unknown-service",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "An action of a service that AWS's Service Authorization Reference does not have",
    why: "It names nothing: what was to be denied is not denied, what was to be excepted is not excepted.",
    repair: "Correct the prefix, or take the action out if the service has been retired.",
    source: "Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[Example(Kind::ServiceControl, r#"{"Effect": "Deny", "Action": "dynamo:DeleteTable", "Resource": "*"}"#)],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": ["dynamodb:DeleteTable", "DynamoDB:*", "*"], "Resource": "*"}"#,
    )],
};

/// Prefixes that are no actions' but mean something in conditions only, or that AWS has retired and names no more:
/// `waf-regional` and the like are still in the reference.
fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let mut told = HashSet::new();
    for action in policy.statements().flat_map(|statement| &statement.actions.values) {
        if !super::action_format::is_action(&action.value) {
            continue;
        }
        let Some((service, _)) = action.value.split_once(':') else { continue };
        let wild = service.contains(['*', '?']);
        if wild || policy.reference.service(service).is_some() || !told.insert(service.to_ascii_lowercase()) {
            continue;
        }
        let near = policy.nearest(service, policy.reference.names().map(|(prefix, _)| prefix));
        report.add(
            action.place,
            format!(
                "AWS's reference of {} has no service {}, so {} names no action",
                policy.reference.date(),
                quote(service),
                quote(&action.value)
            ),
            near.map_or_else(
                || "take it out if the service has been retired".to_owned(),
                |near| format!("did you mean {}? Take it out if the service has been retired", quote(near)),
            ),
        );
    }
}
