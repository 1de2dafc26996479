//! Access for accounts of somebody else.

use std::collections::HashSet;

use super::prelude::*;
use crate::check::arn::Arn;

pub const RULE: Rule = Rule {
    id: "outside-account",
    severity: Severity::Warning,
    kinds: &[Kind::Resource, Kind::Trust],
    summary: "Access for an account outside of the organization",
    why: "Neither the organization's policies nor its administrators reach that account.",
    repair: "Take it out, or record why a partner has access.",
    source: "Findings for external access",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole"}"#,
    )],
    good: &[Example(
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.context.accounts.is_empty() {
        return;
    }
    let ours: HashSet<&str> = policy.context.accounts.iter().map(dodai_facts::AccountId::as_str).collect();
    for statement in policy.allows() {
        let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else { continue };
        for principal in principals.values.iter().filter(|one| one.kind == PrincipalKind::Aws) {
            let value = principal.value.value.as_str();
            let account = Arn::read(value).map_or(value, |arn| arn.account);
            let id = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
            if id && !ours.contains(account) {
                report.add(
                    principal.value.place,
                    format!("{} is of an account outside of the organization", quote(value)),
                    "take it out, or record why that account has access",
                );
            }
        }
    }
}
