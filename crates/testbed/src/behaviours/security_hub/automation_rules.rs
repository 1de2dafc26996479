//! Automation rules, of a Region and addressed by ARN. Follows "CreateAutomationRule", "BatchGetAutomationRules",
//! "BatchUpdateAutomationRules" and "BatchDeleteAutomationRules" of the AWS Security Hub API Reference.

use serde_json::{Map, Value, json};

use super::{arn, batch, invalid, listed, with_hub};
use crate::call::Call;
use crate::names::{iso, now, uuid};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

/// Rules of an account in a Region ("Security Hub quotas").
const MOST_RULES: usize = 100;
/// What a rule is made of and can be changed in.
const MEMBERS: [&str; 7] = ["RuleStatus", "RuleOrder", "RuleName", "Description", "IsTerminal", "Criteria", "Actions"];

pub(super) fn create(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    for member in ["RuleOrder", "RuleName", "Description", "Criteria", "Actions"] {
        if !call.params.contains_key(member) {
            return Err(invalid(format!("missing required parameter `{member}`")));
        }
    }
    check_order(&call.params)?;
    let seed = testbed.state().seed();
    with_hub(testbed, call, |hub| {
        if hub.rules.len() >= MOST_RULES {
            let message = format!("an account has at most {MOST_RULES} automation rules in a Region");
            return Err(AwsError::new(429, "LimitExceededException", message));
        }
        let arn = arn(call, &format!("automation-rule/{}", uuid(("automation-rule", seed))));
        let mut rule = Map::new();
        rule.insert("RuleArn".to_owned(), json!(arn));
        rule.insert("RuleStatus".to_owned(), json!("ENABLED"));
        rule.insert("IsTerminal".to_owned(), json!(false));
        rule.extend(members(&call.params));
        let time = json!(iso(now()));
        rule.insert("CreatedAt".to_owned(), time.clone());
        rule.insert("UpdatedAt".to_owned(), time);
        rule.insert("CreatedBy".to_owned(), json!(call.account.as_str()));
        hub.rules.insert(arn.clone(), rule);
        let tags = call.params.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
        hub.tags.insert(arn.clone(), tags);
        Ok(json!({"RuleArn": arn}))
    })
}

fn members(given: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let known = given.iter().filter(|(member, _)| MEMBERS.contains(&member.as_str()));
    known.map(|(member, value)| (member.clone(), value.clone()))
}

fn check_order(given: &Map<String, Value>) -> Result<(), AwsError> {
    match given.get("RuleOrder") {
        Some(order) if !order.as_u64().is_some_and(|order| (1..=1000).contains(&order)) => {
            Err(invalid("Invalid parameter: RuleOrder takes 1 to 1000."))
        }
        _ => Ok(()),
    }
}

fn unprocessed(arn: &str, code: u16, message: &str) -> Value {
    json!({"RuleArn": arn, "ErrorCode": code, "ErrorMessage": message})
}

pub(super) fn get(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let arns = batch("AutomationRulesArns", call.texts("AutomationRulesArns"))?;
    with_hub(testbed, call, |hub| {
        let (mut rules, mut failed) = (Vec::new(), Vec::new());
        for arn in &arns {
            match hub.rules.get(arn) {
                Some(rule) => rules.push(json!(rule)),
                None => failed.push(unprocessed(arn, 404, "no such automation rule")),
            }
        }
        Ok(json!({"Rules": rules, "UnprocessedAutomationRules": failed}))
    })
}

/// Rules without criteria and actions, first by their order.
pub(super) fn list(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    with_hub(testbed, call, |hub| {
        let mut rules: Vec<Map<String, Value>> = hub.rules.values().cloned().collect();
        rules.sort_by_key(|rule| rule.get("RuleOrder").and_then(Value::as_u64));
        let (rules, token) = page(rules, &call.params, 100)?;
        let metadata = rules.into_iter().map(|mut rule| {
            rule.remove("Criteria");
            rule.remove("Actions");
            Value::Object(rule)
        });
        Ok(listed("AutomationRulesMetadata", metadata.collect(), token))
    })
}

pub(super) fn update(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let member = "UpdateAutomationRulesRequestItems";
    let items = batch(member, call.objects(member))?;
    with_hub(testbed, call, |hub| {
        let (mut processed, mut failed) = (Vec::new(), Vec::new());
        for item in &items {
            let arn = item.get("RuleArn").and_then(Value::as_str).unwrap_or_default();
            match (hub.rules.get_mut(arn), check_order(item)) {
                (None, _) => failed.push(unprocessed(arn, 404, "no such automation rule")),
                (_, Err(error)) => failed.push(unprocessed(arn, 400, &error.message)),
                (Some(rule), Ok(())) => {
                    rule.extend(members(item));
                    rule.insert("UpdatedAt".to_owned(), json!(iso(now())));
                    processed.push(arn);
                }
            }
        }
        Ok(json!({"ProcessedAutomationRules": processed, "UnprocessedAutomationRules": failed}))
    })
}

pub(super) fn delete(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let arns = batch("AutomationRulesArns", call.texts("AutomationRulesArns"))?;
    with_hub(testbed, call, |hub| {
        let (mut processed, mut failed) = (Vec::new(), Vec::new());
        for arn in &arns {
            hub.tags.remove(arn);
            match hub.rules.remove(arn) {
                Some(_) => processed.push(arn),
                None => failed.push(unprocessed(arn, 404, "no such automation rule")),
            }
        }
        Ok(json!({"ProcessedAutomationRules": processed, "UnprocessedAutomationRules": failed}))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn rules_live_in_their_region() {
        let testbed = testbed().await;
        let abroad = |call: &Call| Call { region: "eu-west-1".parse().unwrap(), ..call.clone() };
        let enable = call("securityhub", "EnableSecurityHub", json!({}));
        ask(&testbed, &enable).await;
        ask(&testbed, &abroad(&enable)).await;
        let rule = json!({"RuleOrder": 100, "RuleName": "n", "Description": "d", "Criteria": {}, "Actions": [], "Tags": {"a": "b"}});
        let arn = ask(&testbed, &call("securityhub", "CreateAutomationRule", rule.clone())).await["RuleArn"].clone();
        let get = call("securityhub", "BatchGetAutomationRules", json!({"AutomationRulesArns": [arn]}));
        let found = ask(&testbed, &get).await;
        let expected = (&json!("ENABLED"), &json!(100), &json!([]));
        assert_eq!(
            (&found["Rules"][0]["RuleStatus"], &found["Rules"][0]["RuleOrder"], &found["Rules"][0]["Actions"]),
            expected
        );
        assert_eq!(ask(&testbed, &abroad(&get)).await["UnprocessedAutomationRules"][0]["ErrorCode"], 404);
        let items = json!({"UpdateAutomationRulesRequestItems": [{"RuleArn": arn, "RuleStatus": "DISABLED"}, {"RuleArn": "x"}]});
        let updated = ask(&testbed, &call("securityhub", "BatchUpdateAutomationRules", items)).await;
        assert_eq!(updated["ProcessedAutomationRules"], json!([arn]));
        let list = call("securityhub", "ListAutomationRules", json!({}));
        let listed = ask(&testbed, &list).await["AutomationRulesMetadata"].clone();
        assert_eq!((&listed[0]["RuleStatus"], listed[0].get("Actions")), (&json!("DISABLED"), None));
        let tags = call("securityhub", "ListTagsForResource", json!({"ResourceArn": arn}));
        assert_eq!(ask(&testbed, &tags).await, json!({"Tags": {"a": "b"}}));
        let delete = call("securityhub", "BatchDeleteAutomationRules", json!({"AutomationRulesArns": [arn]}));
        assert_eq!(ask(&testbed, &delete).await["ProcessedAutomationRules"], json!([arn]));
        assert_eq!(ask(&testbed, &list).await, json!({"AutomationRulesMetadata": []}));
        let mut wrong = rule;
        wrong["RuleOrder"] = json!(0);
        let wrong = ask(&testbed, &call("securityhub", "CreateAutomationRule", wrong)).await;
        assert_eq!(wrong, json!({"error": "InvalidInputException"}));
    }
}
