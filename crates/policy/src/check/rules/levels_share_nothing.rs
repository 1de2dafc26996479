//! Levels of the organization that each allow something, and together nothing.

use super::prelude::*;
use crate::check::levels::shared_by;
use crate::check::{CheckContext, Level};

pub const RULE: Rule = Rule {
    id: "levels-share-nothing",
    severity: Severity::Error,
    kinds: &[Kind::ServiceControl],
    summary: "SCPs along a path that allow no action in common",
    why: "An action must be allowed at every level. What one level leaves out is denied, whatever the others allow: here that is everything.",
    repair: "Allow at every level what is needed in the accounts below.",
    source: "SCP evaluation",
    checks: Checks::Levels(check),
    bad: &[],
    good: &[],
};

fn check(_: Kind, levels: &[Level<'_>], context: &CheckContext, report: &mut Report<'_>) {
    let (Some(shared), Some(last)) = (shared_by(levels, context), levels.last()) else { return };
    if shared.is_empty() {
        report.add_to(
            last.target,
            "the service control policies from the root down to here have no allowed action in common, so everything is denied",
            "allow at every level what is needed here",
        );
    }
}
