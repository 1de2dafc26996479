//! Levels of the organization that together leave out what no account can do without.

use super::prelude::*;
use crate::check::arn::have_common;
use crate::check::condition::variables;
use crate::check::levels::shared_by;
use crate::check::wildcard::{covers, covers_resource, overlap};
use crate::check::{CheckContext, Level};
use crate::reference::Reference;

pub const RULE: Rule = Rule {
    id: "levels-allow-too-little",
    severity: Severity::Warning,
    kinds: &[Kind::ServiceControl],
    summary: "SCPs along a path that do not allow any action of IAM, or `sts:AssumeRole`, at every level",
    why: "A condition of an `Allow` limits it: for whom the condition does not hold, the level allows nothing there. Without IAM nobody in the account can set permissions, without `sts:AssumeRole` nobody in it can go on to a role, not even operators.",
    repair: "Allow at every level what is needed in the accounts below.",
    source: "SCP evaluation",
    checks: Checks::Levels(check),
    bad: &[],
    good: &[],
};

fn check(_: Kind, levels: &[Level<'_>], context: &CheckContext, report: &mut Report<'_>) {
    for level in levels {
        for_operators(level, context, report);
    }
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

/// Operators who cannot do at a level what they must be able to, since it is allowed there under conditions only that do not hold
/// for them.
fn for_operators(level: &Level<'_>, context: &CheckContext, report: &mut Report<'_>) {
    let anything = ["sts:AssumeRole".to_owned()];
    let needed = if context.operator_actions.is_empty() { &anything[..] } else { &context.operator_actions };
    let statements = || level.policies.iter().flat_map(|(_, document)| &document.statements);
    for operator in &context.operators {
        let kept_from = |action: &&String| {
            let action = action.to_ascii_lowercase();
            let mut about = statements().filter(|it| it.effect == Effect::Allow && may_name(it, &action)).peekable();
            let organization = context.organization.as_deref();
            let shuts_out = |it: &Statement| it.conditions.iter().any(|it| fails(it, operator, organization));
            // What no statement is about is said of everybody.
            about.peek().is_some() && about.all(shuts_out)
        };
        if let Some(action) = needed.iter().find(kept_from) {
            report.add_to(
                level.target,
                format!(
                    "{} is allowed here under conditions only that do not hold for the role {}",
                    quote(action),
                    quote(operator)
                ),
                "let the role through in a condition, or allow what it needs without one",
            );
        }
    }
}

fn may_name(statement: &Statement, action: &str) -> bool {
    let patterns = || statement.actions.values.iter().map(|text| text.value.to_ascii_lowercase());
    if statement.actions.negated {
        !patterns().any(|pattern| covers(&pattern, action))
    } else {
        patterns().any(|pattern| overlap(&pattern, action))
    }
}

/// Whether a condition certainly does not hold for a role.
fn fails(condition: &Condition, operator: &str, organization: Option<&str>) -> bool {
    let negated = condition.operator.comparison.is_negated();
    let plain = |text: &Text| placeholder(&text.value).is_none() && variables(&text.value).is_empty();
    if condition.operator.comparison == Comparison::Null || !condition.values.iter().all(plain) {
        return false;
    }
    if is(condition, "aws:PrincipalArn") {
        return if negated {
            condition.values.iter().any(|text| covers_resource(&text.value, operator))
        } else {
            !condition.values.iter().any(|text| have_common(&text.value, operator))
        };
    }
    if is(condition, "aws:PrincipalIsAWSService") {
        return condition.values.iter().all(|text| text.value.eq_ignore_ascii_case("true")) != negated;
    }
    match organization {
        Some(ours) if is(condition, "aws:PrincipalOrgID") => {
            condition.values.iter().any(|text| overlap(&text.value, ours)) == negated
        }
        _ => false,
    }
}
