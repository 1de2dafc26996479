//! Actions that their service does not have.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "unknown-action",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "An action that its service does not have",
    why: "It names nothing: what was to be denied is not denied, what was to be allowed stays denied.",
    repair: "Correct the name. An API operation may have another name as an action: `ListObjects` is `s3:ListBucket`.",
    source: "Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[Example(Kind::ServiceControl, r#"{"Effect": "Deny", "Action": "cloudtrail:StopTrail", "Resource": "*"}"#)],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": ["cloudtrail:StopLogging", "CloudTrail:stoplogging"], "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for action in policy.statements().flat_map(|statement| &statement.actions.values) {
        if action.value.contains(['*', '?']) || !super::action_format::is_action(&action.value) {
            continue;
        }
        let Some((prefix, name)) = action.value.split_once(':') else { continue };
        let Some(service) = policy.reference.service(prefix) else { continue };
        if service.action(name).is_some() {
            continue;
        }
        let near = policy.nearest(name, service.actions.iter().map(|action| action.name.as_str()));
        report.add(
            action.place,
            format!(
                "AWS has no action {} (reference of {}), so it names nothing",
                quote(&action.value),
                policy.reference.date()
            ),
            near.map_or_else(
                || "look the action up in AWS's Service Authorization Reference".to_owned(),
                |near| format!("did you mean {}?", quote(&format!("{}:{near}", service.prefix))),
            ),
        );
    }
}
