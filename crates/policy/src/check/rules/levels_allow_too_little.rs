//! Levels of the organization that together leave out what no account can do without.

use super::prelude::*;
use crate::check::levels::shared_by;
use crate::check::{CheckContext, Level};
use crate::reference::Reference;

pub const RULE: Rule = Rule {
    id: "levels-allow-too-little",
    severity: Severity::Warning,
    kinds: &[Kind::ServiceControl],
    summary: "SCPs along a path that do not allow any action of IAM, or `sts:AssumeRole`, at every level",
    why: "Without IAM nobody in the account can set permissions, without `sts:AssumeRole` nobody in it can go on to a role, not even operators.",
    repair: "Allow at every level what is needed in the accounts below.",
    source: "SCP evaluation",
    checks: Checks::Levels(check),
    bad: &[],
    good: &[],
};

fn check(_: Kind, levels: &[Level<'_>], context: &CheckContext, report: &mut Report<'_>) {
    let (Some(shared), Some(last)) = (shared_by(levels, context), levels.last()) else { return };
    // `levels-share-nothing` says that.
    if shared.is_empty() {
        return;
    }
    let reference = Reference::embedded();
    let iam = reference.matching("iam:*");
    if !iam.iter().any(|(_, action)| shared.contains(&std::ptr::from_ref(*action))) {
        report.add_to(
            last.target,
            "no action of IAM is allowed at every level from the root down to here, so nobody in the account can set permissions",
            "allow `iam:*`, or what is needed of it, at every level",
        );
    }
    if let Some((_, assume)) = reference.action("sts:AssumeRole")
        && !shared.contains(&std::ptr::from_ref(assume))
    {
        report.add_to(
            last.target,
            "`sts:AssumeRole` is not allowed at every level from the root down to here, so nobody in the account can assume a role",
            "allow `sts:AssumeRole` at every level",
        );
    }
}
