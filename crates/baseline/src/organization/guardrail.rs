//! Which policies may stop our own work, so that they are named on their own and wait for a flag.
//!
//! AWS: "How AWS enforcement code logic evaluates requests" (a deny applies when all of its conditions match),
//! "IAM JSON policy elements: Condition operators".

use dodai_org::Policy;
use serde_json::{Value, json};

use super::policies::resource;
use crate::{Context, Danger, document};

/// The types of policy that deny.
const DENYING: [&str; 2] = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];

/// Why a policy may stop our own work: some denying statement does not exempt the role that we work with in every
/// account. A document that cannot be read may do anything.
pub(super) fn danger(context: &Context, policy: &Policy) -> Option<Danger> {
    if !DENYING.contains(&policy.kind.aws) {
        return None;
    }
    let named = resource(policy);
    let Ok(document) = serde_json::from_str::<Value>(&policy.content) else {
        return Some(Danger::Guardrail(format!("`{named}` cannot be read as JSON")));
    };
    let statements = document::statements_of(Some(&document));
    let denies = statements.iter().filter(|statement| statement.get("Effect") == Some(&json!("Deny")));
    let count = denies.filter(|statement| !exempts(statement, context)).count();
    let statements = if count == 1 { "statement denies".to_owned() } else { format!("{count} statements deny") };
    (count > 0).then(|| {
        let one = if count == 1 { "a " } else { "" };
        Danger::Guardrail(format!(
            "`{named}`: {one}{statements} without exempting the role `{}` that this tool works with",
            context.member_role
        ))
    })
}

/// A condition that lets the role through in every account: `ArnNotLike` (or a relative) on `aws:PrincipalArn` that
/// matches it whatever the account.
fn exempts(statement: &Value, context: &Context) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Value::as_object) else { return false };
    conditions.iter().any(|(operator, keys)| {
        let negative = matches!(
            operator.strip_suffix("IfExists").unwrap_or(operator),
            "ArnNotLike" | "ArnNotEquals" | "StringNotLike"
        );
        negative
            && keys.as_object().into_iter().flatten().any(|(key, value)| {
                let values = match value {
                    Value::Array(values) => values.as_slice(),
                    one => std::slice::from_ref(one),
                };
                key.eq_ignore_ascii_case("aws:PrincipalArn")
                    && values.iter().filter_map(Value::as_str).any(|pattern| matches_everywhere(pattern, context))
            })
    })
}

/// Two accounts that no pattern without a `*` in that place matches both.
fn matches_everywhere(pattern: &str, context: &Context) -> bool {
    ["000000000000", "999999999999"].into_iter().all(|account| {
        let arn = format!("arn:{}:iam::{account}:role/{}", context.partition, context.member_role);
        matches(pattern.as_bytes(), arn.as_bytes())
    })
}

/// `*` is any run of characters, `?` any one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // Where to go on when what follows the last `*` does not match here.
    let mut retry: Option<(&[u8], &[u8])> = None;
    let (mut pattern, mut text) = (pattern, text);
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((b'*', rest)), _) => {
                retry = Some((rest, text));
                pattern = rest;
            }
            (Some((wanted, rest)), Some((there, after))) if wanted == there || *wanted == b'?' => {
                (pattern, text) = (rest, after);
            }
            (None, None) => return true,
            _ => match retry {
                Some((rest, [_, after @ ..])) => {
                    retry = Some((rest, after));
                    (pattern, text) = (rest, after);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(condition: &Value, exempt: bool) {
        let context = Context {
            organization: "o-exampleorgid".to_owned(),
            management: "111111111111".parse().unwrap(),
            home: "ap-northeast-1".parse().unwrap(),
            partition: "ap-northeast-1".parse::<dodai_facts::Region>().unwrap().partition(),
            member_role: "OrganizationAccountAccessRole".to_owned(),
        };
        assert_eq!(exempts(&json!({ "Effect": "Deny", "Condition": condition }), &context), exempt, "{condition}");
    }

    #[test]
    fn only_a_pattern_that_reaches_every_account_exempts() {
        let role = "OrganizationAccountAccessRole";
        let on = |operator: &str, arn: &str| json!({ operator: { "aws:PrincipalArn": arn } });
        check(&on("ArnNotLike", &format!("arn:aws:iam::*:role/{role}")), true);
        check(&on("ArnNotLikeIfExists", "arn:*:iam::*:role/Organization*"), true);
        check(&on("StringNotLike", "arn:aws:iam::????????????:role/*"), true);
        check(&json!({ "ArnNotEquals": { "AWS:principalarn": ["x", format!("arn:aws:iam::*:role/{role}")] } }), true);
        check(&on("ArnLike", &format!("arn:aws:iam::*:role/{role}")), false);
        check(&on("StringNotEquals", &format!("arn:aws:iam::*:role/{role}")), false);
        check(&on("ArnNotLike", &format!("arn:aws:iam::111111111111:role/{role}")), false);
        check(&on("ArnNotLike", "arn:aws:iam::*:role/Other"), false);
        check(&json!({ "ArnNotLike": { "aws:SourceArn": format!("arn:aws:iam::*:role/{role}") } }), false);
        check(&json!(null), false);
    }
}
