//! Denies that hit the roles by which the organization is run.

use super::prelude::*;
use crate::check::arn::have_common;
use crate::check::condition::{Variable, variables, without_variables};
use crate::check::wildcard::overlap;

pub const RULE: Rule = Rule {
    id: "no-way-out",
    severity: Severity::Warning,
    kinds: Kind::GUARDRAILS,
    summary: "A deny that spares none of the operators' roles",
    why: "What it denies cannot be done in these accounts by anybody, not even to repair them, until the policy is lifted from the management account.",
    repair: "Add `\"ArnNotLike\": {\"aws:PrincipalArn\": \"<the role's ARN>\"}`.",
    source: "SCP evaluation; AWS global condition context keys: aws:PrincipalArn",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::ServiceControl, r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}"#),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/another"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/dodai-*"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"ec2:InstanceType": "t3.micro"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.denies().filter(|statement| reaches(policy, statement)) {
        // A statement about what a request says (an instance type, a tag) can be obeyed, by operators too.
        if !statement.conditions.iter().all(is_about_who_or_where) {
            continue;
        }
        let hit = policy.context.operators.iter().find(|operator| {
            !statement
                .conditions
                .iter()
                .any(|condition| may_spare(condition, operator, policy.context.organization.as_deref()))
        });
        if let Some(operator) = hit {
            report.add(
                statement.place,
                format!("this denies {} to the role {} too", what(statement), quote(operator)),
                format!("add `\"ArnNotLike\": {{\"aws:PrincipalArn\": \"{operator}\"}}` to its conditions"),
            );
        }
    }
}

/// Whether the statement denies something that operators need.
fn reaches(policy: &Subject<'_>, statement: &Statement) -> bool {
    let named = |action: &str| {
        let action = action.to_ascii_lowercase();
        statement.actions.values.iter().any(|it| overlap(&it.value.to_ascii_lowercase(), &action))
            != statement.actions.negated
    };
    let needed = &policy.context.operator_actions;
    needed.is_empty() || needed.iter().any(|action| named(action))
}

fn is_about_who_or_where(condition: &Condition) -> bool {
    let key = condition.key.value.to_ascii_lowercase();
    key.starts_with("aws:principal")
        || is_any(condition, &["aws:RequestedRegion", "aws:userid", "aws:username", "aws:AssumedRoot"])
}

/// Whether a condition does not hold, or may not hold, for a role. Only what certainly holds is said.
fn may_spare(condition: &Condition, operator: &str, organization: Option<&str>) -> bool {
    let negated = condition.operator.comparison.is_negated();
    if is(condition, "aws:RequestedRegion") {
        return false;
    }
    if is(condition, "aws:PrincipalIsAWSService") {
        return condition.values.iter().all(|text| text.value.eq_ignore_ascii_case("true")) != negated;
    }
    if is(condition, "aws:PrincipalArn") {
        let fits = |text: &Text| {
            let never = placeholder(&text.value).is_some()
                || variables(&text.value).iter().any(|it| !matches!(it, Variable::Key(key) if key.contains(':')));
            let value = without_variables(&text.value);
            !never && have_common(&value, operator)
        };
        return match condition.operator.comparison {
            Comparison::Null => condition.values.iter().any(|text| text.value.eq_ignore_ascii_case("true")),
            _ => condition.values.iter().any(fits) == negated,
        };
    }
    if let (true, Some(ours)) = (is(condition, "aws:PrincipalOrgID"), organization) {
        return condition.values.iter().any(|text| text.value == ours) == negated;
    }
    true
}

fn what(statement: &Statement) -> String {
    let first = statement.actions.values.first().map_or("", |text| text.value.as_str());
    let more = match statement.actions.values.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    if statement.actions.negated {
        format!("everything but {}{more}", quote(first))
    } else {
        format!("{}{more}", quote(first))
    }
}
