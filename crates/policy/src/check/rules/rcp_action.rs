//! Which actions a resource control policy may name.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "rcp-action",
    severity: Severity::Error,
    kinds: &[Kind::ResourceControl],
    summary: "Actions that a resource control policy cannot name",
    why: "AWS Organizations refuses `NotAction`, `*` for all actions, and services that RCPs do not act on.",
    repair: "Name the actions with their service, of the services that RCPs act on.",
    source: "RCP syntax; List of AWS services that support RCPs",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::ResourceControl, r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}"#),
        Example(Kind::ResourceControl, r#"{"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"}"#),
        Example(
            Kind::ResourceControl,
            r#"{"Effect": "Deny", "Principal": "*", "Action": "ec2:TerminateInstances", "Resource": "*"}"#,
        ),
        Example(Kind::ResourceControl, r#"{"Effect": "Deny", "Principal": "*", "Action": "s*:Get*", "Resource": "*"}"#),
        Example(
            Kind::ResourceControl,
            r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:RetireGrant", "Resource": "*"}"#,
        ),
    ],
    good: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "sts:AssumeRole"], "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if super::rcp_effect::is_full_access(policy) {
        return;
    }
    let supported = policy.reference.rcp_services();
    for statement in policy.statements() {
        if statement.actions.negated {
            report.add(
                statement.actions.place,
                "a resource control policy cannot have `NotAction`, and AWS Organizations refuses it",
                "list the actions that are denied in `Action`",
            );
            continue;
        }
        for action in &statement.actions.values {
            let Some((service, _)) = action.value.split_once(':') else {
                if action.value.chars().all(|c| c == '*') {
                    report.add(
                        action.place,
                        "a resource control policy cannot deny `*`, and AWS Organizations refuses it",
                        "name the services: `s3:*`, `sts:*`",
                    );
                }
                continue;
            };
            if service.contains(['*', '?']) {
                report.add(
                    action.place,
                    format!(
                        "{} has a wildcard for the service, and AWS Organizations refuses it",
                        quote(&action.value)
                    ),
                    "name the services: `s3:*`, `sts:*`",
                );
                continue;
            }
            if action.value.eq_ignore_ascii_case("kms:RetireGrant") {
                report.add(
                    action.place,
                    "resource control policies leave `kms:RetireGrant` alone, so this denies nothing",
                    "take it out; a service control policy can deny it to the organization's own accounts",
                );
            }
            // A service that the reference does not know is `unknown-service`'s.
            let known = policy.reference.service(service).is_some();
            if known && !supported.iter().any(|it| it.eq_ignore_ascii_case(service)) {
                report.add(
                    action.place,
                    format!(
                        "resource control policies do not act on `{service}` (as of {}), so {} is refused",
                        policy.reference.date(),
                        quote(&action.value)
                    ),
                    "take it out; a service control policy can deny it to the organization's own accounts",
                );
            }
        }
    }
}
