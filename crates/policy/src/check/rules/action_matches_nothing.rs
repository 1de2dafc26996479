//! Patterns that no action fits.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "action-matches-nothing",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "An action pattern that no action of its service fits",
    why: "It names nothing: what was to be denied is not denied, what was to be allowed stays denied.",
    repair: "Correct the pattern, or take it out.",
    source: "Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[Example(Kind::ServiceControl, r#"{"Effect": "Deny", "Action": "cloudtrail:Erase*", "Resource": "*"}"#)],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": ["cloudtrail:Delete*", "cloudtrail:???pLogging"], "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for action in policy.statements().flat_map(|statement| &statement.actions.values) {
        let wild = action.value.contains(['*', '?']) && super::action_format::is_action(&action.value);
        let service = action.value.split_once(':').and_then(|(service, _)| policy.reference.service(service));
        let Some(service) = service.filter(|_| wild) else { continue };
        if policy.matching(&action.value).is_some_and(|actions| actions.is_empty()) {
            report.add(
                action.place,
                format!(
                    "no action of `{}` fits {} (AWS's reference of {})",
                    service.prefix,
                    quote(&action.value),
                    policy.reference.date()
                ),
                "correct the pattern, or take it out",
            );
        }
    }
}
