//! AssumeRole as IAM decides it, which moto does not: the role must exist and trust the caller. Follows "AssumeRole" of
//! the AWS STS API Reference and "How to use an external ID when granting access to your AWS resources to a third party".
//!
//! Of a trust policy's conditions, `sts:ExternalId` is evaluated; others count as met.

use dodai_facts::AccountId;
use serde_json::Value;

use super::Answer;
use super::organizations::create_account;
use crate::call::{Call, percent, unescape};
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, tag};

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    if call.operation != "AssumeRole" {
        return Ok(None);
    }
    if testbed.options.create_account_after.is_some() {
        let _turn = testbed.organizations_turn.lock().await;
        create_account::finish_due(testbed).await?;
    }
    let asked = call.text("RoleArn").unwrap_or_default();
    let caller = call.role.clone().unwrap_or_else(|| format!("arn:aws:iam::{}:root", call.account.as_str()));
    let denied = || {
        let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {asked}");
        AwsError::new(403, "AccessDenied", message)
    };
    let account = asked.split(':').nth(4).and_then(|account| account.parse::<AccountId>().ok());
    let Some((account, name)) = account.zip(asked.rsplit('/').next()) else {
        return Err(AwsError::new(400, "ValidationError", format!("{asked} is invalid")));
    };
    let form = format!("Action=GetRole&Version=2010-05-08&RoleName={}", percent(name));
    let place = Place { account: &account, region: &call.region };
    let role = testbed.moto.ask_query(place, "iam", form).await?;
    if role.status == http::StatusCode::NOT_FOUND {
        return Err(denied());
    }
    if !role.is_success() {
        return Err(AwsError::new(502, "UpstreamUnavailable", format!("GetRole answered {}", role.status)));
    }
    let text = role.text();
    let trust = tag(&text, "AssumeRolePolicyDocument").map(|document| unescape(&document));
    let trust = trust.and_then(|document| serde_json::from_str::<Value>(&document).ok()).unwrap_or_default();
    let caller = Caller { account: &call.account, role: call.role.as_deref(), external_id: call.text("ExternalId") };
    if tag(&text, "Arn").as_deref() == Some(asked) && trusts(&trust, &caller) { Ok(None) } else { Err(denied()) }
}

/// Who asks.
struct Caller<'a> {
    account: &'a AccountId,
    /// None: the account's own keys.
    role: Option<&'a str>,
    external_id: Option<&'a str>,
}

/// Whether a trust policy lets the caller in: some statement allows, none denies.
fn trusts(policy: &Value, caller: &Caller<'_>) -> bool {
    let statements = one_or_many(policy.get("Statement"));
    let applies = |effect: &str| {
        statements.iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect)
                && is_assume_role(statement)
                && is_named(statement, caller)
                && is_met(statement, caller)
        })
    };
    applies("Allow") && !applies("Deny")
}

fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

fn is_assume_role(statement: &Value) -> bool {
    let actions = one_or_many(statement.get("Action"));
    let actions = actions.iter().filter_map(|action| action.as_str());
    actions.into_iter().any(|action| ["sts:assumerole", "sts:*", "*"].contains(&action.to_lowercase().as_str()))
}

fn is_named(statement: &Value, caller: &Caller<'_>) -> bool {
    let principal = statement.get("Principal");
    let principals = match principal {
        Some(Value::String(_)) => one_or_many(principal),
        Some(by_kind) => one_or_many(by_kind.get("AWS")),
        None => Vec::new(),
    };
    let account = caller.account.as_str();
    principals.iter().filter_map(|principal| principal.as_str()).any(|principal| {
        let in_account = principal.split(':').nth(4) == Some(account);
        principal == "*"
            || principal == account
            || in_account && principal.ends_with(":root")
            || match caller.role {
                Some(role) => principal == role,
                // The testbed does not know which user a key is of.
                None => in_account && principal.contains(":user/"),
            }
    })
}

fn is_met(statement: &Value, caller: &Caller<'_>) -> bool {
    let Some(condition) = statement.get("Condition").and_then(Value::as_object) else { return true };
    condition.iter().all(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        let mut ids = keys.filter(|(key, _)| key.eq_ignore_ascii_case("sts:ExternalId"));
        let equals = operator.eq_ignore_ascii_case("StringEquals") || operator.eq_ignore_ascii_case("StringLike");
        !equals || ids.all(|(_, wanted)| one_or_many(Some(wanted)).iter().any(|id| id.as_str() == caller.external_id))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_lets_in_whom_it_trusts() {
        let account: AccountId = "111111111111".parse().unwrap();
        let check =
            |principal: Value, condition: Value, role: Option<&str>, external_id: Option<&str>, expected: bool| {
                let mut statement = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal});
                if !condition.is_null() {
                    statement["Condition"] = condition;
                }
                let caller = Caller { account: &account, role, external_id };
                let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
                assert_eq!(trusts(&policy, &caller), expected, "{policy} {role:?} {external_id:?}");
            };
        let root = json!({"AWS": "arn:aws:iam::111111111111:root"});
        let role = "arn:aws:iam::111111111111:role/r";
        check(root.clone(), json!(null), None, None, true);
        check(root.clone(), json!(null), Some(role), None, true);
        check(json!({"AWS": ["222222222222", role]}), json!(null), Some(role), None, true);
        check(json!({"AWS": [role]}), json!(null), None, None, false);
        check(json!({"AWS": "222222222222"}), json!(null), None, None, false);
        check(json!({"Service": "config.amazonaws.com"}), json!(null), None, None, false);
        check(json!("*"), json!(null), None, None, true);
        let external = json!({"StringEquals": {"sts:ExternalId": "secret"}});
        check(root.clone(), external.clone(), None, Some("secret"), true);
        check(root.clone(), external.clone(), None, Some("wrong"), false);
        check(root.clone(), external, None, None, false);
        check(root, json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), None, None, true);
    }
}
