//! `${…}` that names no condition key.

use super::prelude::*;
use crate::check::condition::{Variable, variables};

pub const RULE: Rule = Rule {
    id: "unknown-variable",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A policy variable that no condition key stands behind",
    why: "Such a variable is never replaced. A resource with it matches nothing; a negated condition with it always holds, so that an exception does not except.",
    repair: "Write the value itself, a `*`, or a variable such as `${aws:PrincipalAccount}`.",
    source: "IAM policy elements: Variables and tags",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::${Account}:role/KeyAdministrator"}}}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username"}"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:usrname}/*"}"#,
        ),
    ],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:PrincipalTag/team, 'none'}/${*}"}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.document.version == Version::V2008 {
        return;
    }
    for statement in policy.statements() {
        for text in statement.resources.iter().flat_map(|list| &list.values) {
            one(policy, text, "the resource matches nothing", report);
        }
        for condition in &statement.conditions {
            let effect = match (condition.operator.comparison.is_negated(), statement.effect) {
                (false, _) => "the value matches nothing",
                (true, Effect::Deny) => "the value excepts nobody: the condition holds for all",
                (true, Effect::Allow) => "the value excludes nothing: the condition holds for all",
            };
            for text in &condition.values {
                one(policy, text, effect, report);
            }
        }
    }
}

fn one(policy: &Subject<'_>, text: &Text, effect: &str, report: &mut Report<'_>) {
    for variable in variables(&text.value) {
        let (message, help) = match variable {
            Variable::Sign => continue,
            Variable::Open => (
                format!("{} has a `${{` without its `}}`, so {effect}", quote(&text.value)),
                "end the variable with `}`".to_owned(),
            ),
            Variable::Key(key) if is_key(policy, key) => continue,
            Variable::Key(key) => {
                let name = quote(&format!("${{{key}}}"));
                let help = match key.trim().to_ascii_lowercase().as_str() {
                    "account" | "accountid" | "account_id" | "aws::accountid" => {
                        "write the account's id, `*`, or `${aws:PrincipalAccount}`".to_owned()
                    }
                    "region" | "aws::region" => "write the Region's code, or `*`".to_owned(),
                    "partition" | "aws::partition" => "write `aws`, or `*`".to_owned(),
                    _ => {
                        let names = policy.reference.global_keys().iter().map(|known| known.name.as_str());
                        policy.nearest(key, names).map_or_else(
                            || "a variable is a condition key: `${aws:username}`".to_owned(),
                            |near| format!("did you mean `${{{near}}}`?"),
                        )
                    }
                };
                (format!("{name} in {} names no condition key, so {effect}", quote(&text.value)), help)
            }
        };
        report.add(text.place, message, help);
    }
}

/// Keys of services and identity providers may be newer than the reference: only what cannot be a key, or is an
/// unheard-of key of `aws:`, is said.
fn is_key(policy: &Subject<'_>, key: &str) -> bool {
    match key.trim().split_once(':') {
        None => false,
        Some((prefix, name)) if prefix.eq_ignore_ascii_case("aws") => {
            !name.starts_with(':') && policy.reference.key(key.trim()).is_some()
        }
        Some((prefix, name)) => !prefix.is_empty() && !name.is_empty(),
    }
}
