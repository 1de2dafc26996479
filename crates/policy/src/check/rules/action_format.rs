//! An action is a service, a colon and a name.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "action-format",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "An action that is not `service:Name`",
    why: "AWS refuses the policy, or the text matches no action.",
    repair: "Write the service's prefix, a colon and the action, wildcards allowed: `s3:Get*`.",
    source: "IAM JSON policy elements: Action",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "ListAllMyBuckets", "Resource": "*"}"#),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3: ListAllMyBuckets", "Resource": "*"}"#),
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:", "Resource": "*"}"#),
    ],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": ["s3:List*", "route53resolver:Get?rewallConfig"], "Resource": "*"}"#,
    )],
};

/// Whether a text has the form of an action.
pub fn is_action(text: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || "-_*?".contains(c);
    text == "*"
        || text.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && service.chars().all(sign) && name.chars().all(sign)
        })
}

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for action in policy.statements().flat_map(|statement| &statement.actions.values) {
        // `misplaced-variable` says more of a variable.
        if is_action(&action.value) || action.value.contains("${") {
            continue;
        }
        let squeezed: String = action.value.chars().filter(|c| !c.is_whitespace()).collect();
        let help = if squeezed != action.value && is_action(&squeezed) {
            format!("write {} without white space", quote(&squeezed))
        } else if action.value.contains(':') {
            "letters, digits, `-`, `_` and wildcards only: `s3:GetObject`, `s3:Get*`".to_owned()
        } else {
            "name the service too: `s3:GetObject`".to_owned()
        };
        report.add(
            action.place,
            format!("{} is not an action, and AWS refuses the policy", quote(&action.value)),
            help,
        );
    }
}
