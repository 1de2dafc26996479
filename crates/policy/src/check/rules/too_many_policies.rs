//! More policies than AWS attaches.

use super::prelude::*;
use crate::check::{CheckContext, Level};

pub const RULE: Rule = Rule {
    id: "too-many-policies",
    severity: Severity::Error,
    kinds: Kind::GUARDRAILS,
    summary: "More policies on a root, unit or account than AWS attaches",
    why: "AWS refuses the last ones.",
    repair: "Merge policies, or attach some of them to another level.",
    source: "Quotas and service limits for AWS Organizations",
    checks: Checks::Levels(check),
    bad: &[],
    good: &[],
};

fn check(kind: Kind, levels: &[Level<'_>], context: &CheckContext, report: &mut Report<'_>) {
    let Some(most) = context.limits.attached(kind) else { return };
    for level in levels.iter().filter(|level| level.policies.len() > most) {
        report.add_to(
            level.target,
            format!(
                "{} policies are attached, and AWS attaches at most {most} of this type, its own included",
                level.policies.len()
            ),
            "merge policies, or attach some of them one level up or down",
        );
    }
}
