//! Documents that AWS does not take for their length.

use super::prelude::*;
use crate::check::{Limits, resource_limit};

pub const RULE: Rule = Rule {
    id: "too-large",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A policy longer than AWS takes",
    why: "AWS refuses it.",
    repair: "Shorten action names by wildcards, merge statements, or make two policies of it.",
    source: "Quotas and service limits for AWS Organizations; IAM and AWS STS quotas; the quotas of each service",
    checks: Checks::Document(check),
    // Made by the tests: an example would be as long.
    bad: &[],
    good: &[Example(
        Kind::ServiceControl,
        r#"{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let text = policy.document.to_json();
    let (length, unit, most, name) = if policy.kind == Kind::Resource {
        let Some(limit) = resource_limit(policy.document) else { return };
        (text.len(), "bytes", limit.bytes, limit.name)
    } else {
        let Some(most) = policy.context.limits.characters(policy.kind) else { return };
        (text.chars().count(), "characters", most, policy.kind.describe())
    };
    if length <= most {
        return;
    }
    let published = Limits::published(policy.kind);
    let adjustable = published.is_some_and(|limit| limit.adjustable);
    let help = match policy.kind {
        Kind::Identity => {
            "make two managed policies of it; only inline in a role may there be 10,240 characters in all"
        }
        Kind::Resource => "use wildcards in action names, and merge statements: a resource has one policy only",
        _ if adjustable => "shorten it, or ask for a higher quota",
        _ => "use wildcards in action names, merge statements, or make two policies of it",
    };
    report.add(
        dodai_document::Place::FILE,
        format!("the policy has {length} {unit}, written without white space, and {name} may have {most}"),
        help,
    );
}
