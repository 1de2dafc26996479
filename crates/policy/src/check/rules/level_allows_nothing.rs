//! A level of the organization at which nothing gets through.

use super::prelude::*;
use crate::check::levels::most_allowed;
use crate::check::{CheckContext, Level};

pub const RULE: Rule = Rule {
    id: "level-allows-nothing",
    severity: Severity::Error,
    kinds: &[Kind::ServiceControl],
    summary: "A root, unit or account none of whose SCPs allows anything",
    why: "An action must be allowed at every level from the root to the account. Where FullAWSAccess has been detached and only denies are left, every action of every account below is denied.",
    repair: "Attach FullAWSAccess, or a policy with `Allow`.",
    source: "SCP evaluation",
    checks: Checks::Levels(check),
    bad: &[],
    good: &[],
};

fn check(_: Kind, levels: &[Level<'_>], context: &CheckContext, report: &mut Report<'_>) {
    for level in levels {
        let allows = |statement: &Statement| statement.effect == Effect::Allow;
        let said = level.policies.iter().any(|(_, document)| document.statements.iter().any(allows));
        // An `Allow` of no action that there is, or on no resource that its actions work on, allows nothing either.
        if !said || most_allowed(level, context).is_some_and(|allowed| allowed.is_empty()) {
            report.add_to(
                level.target,
                "no service control policy here allows anything, so every action of every account below is denied",
                "attach FullAWSAccess, or a policy with `Allow`",
            );
        }
    }
}
