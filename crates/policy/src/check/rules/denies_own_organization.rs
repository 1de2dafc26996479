//! Conditions on an organization's id that hit one's own.

use super::prelude::*;
use crate::pattern::glob;

pub const RULE: Rule = Rule {
    id: "denies-own-organization",
    severity: Severity::Error,
    kinds: Kind::GUARDRAILS,
    summary: "A deny for everybody outside of an organization that is not this one",
    why: "A wrong organization id denies the organization's own accounts instead of the strangers.",
    repair: "Write the id of this organization.",
    source: "Establishing a data perimeter on AWS",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-9z8y7x6w5v"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#,
    )],
    good: &[Example(
        Kind::ResourceControl,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#,
    )],
};

const KEYS: &[&str] = &["aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:SourceOrgID"];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let Some(ours) = policy.context.organization.as_deref() else { return };
    for condition in policy.denies().flat_map(|statement| &statement.conditions).filter(|it| is_any(it, KEYS)) {
        let like = matches!(condition.operator.comparison, Comparison::StringLike | Comparison::StringNotLike);
        let fits = |text: &Text| if like { glob(&text.value, ours) } else { text.value.eq_ignore_ascii_case(ours) };
        let clear = condition.values.iter().all(|it| !it.value.contains("${") && placeholder(&it.value).is_none());
        let text =
            condition.operator.comparison.as_str().starts_with("String") && clear && !condition.values.is_empty();
        let first = condition.values.first().map_or("", |value| value.value.as_str());
        let what = match (condition.operator.comparison.is_negated(), condition.values.iter().any(fits)) {
            _ if !text => continue,
            (true, false) => format!("{} is not this organization ({ours})", quote(first)),
            (false, true) => format!("{} is this organization", quote(ours)),
            _ => continue,
        };
        report.add(
            condition.key.place,
            format!("{what}, so by {} its own accounts are denied", quote(&condition.key.value)),
            format!("write {} in a negated condition, beside those of partners", quote(ours)),
        );
    }
}
