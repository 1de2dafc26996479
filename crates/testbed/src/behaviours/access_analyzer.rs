//! IAM Access Analyzer's analyzers and archive rules, which moto lacks; findings are never made. Follows
//! "CreateAnalyzer", "CreateArchiveRule" and "ListAnalyzers" of the IAM Access Analyzer API Reference and "IAM Access
//! Analyzer quotas": one analyzer of a type for the account.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Answer;
use crate::call::Call;
use crate::names::{iso, now};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// Archive rules of an analyzer.
const MOST_RULES: usize = 100;

/// An analyzer of an account in a Region.
#[derive(Debug, Clone)]
pub(crate) struct Analyzer {
    kind: String,
    created: i64,
    configuration: Option<Value>,
    tags: Map<String, Value>,
    /// By name, as `GetArchiveRule` gives them.
    rules: BTreeMap<String, Value>,
}

/// The analyzers of an account in a Region, by name.
pub(crate) type Analyzers = BTreeMap<String, Analyzer>;

pub(crate) fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let mut state = testbed.state();
    let analyzers = state.analyzers.entry(call.place()).or_default();
    let value = match call.operation.as_str() {
        "CreateAnalyzer" => create(analyzers, call)?,
        "ListAnalyzers" => list(analyzers, call)?,
        "GetAnalyzer" => {
            let (name, analyzer) = found(analyzers, call)?;
            json!({"analyzer": describe(call, name, analyzer)})
        }
        "DeleteAnalyzer" => {
            let name = found(analyzers, call)?.0.to_owned();
            analyzers.remove(&name);
            json!({})
        }
        "CreateArchiveRule" => create_rule(found(analyzers, call)?.1, call)?,
        "UpdateArchiveRule" => {
            let rule = rule(found(analyzers, call)?.1, call)?;
            rule["filter"] = call.params.get("filter").cloned().unwrap_or_default();
            rule["updatedAt"] = json!(iso(now()));
            json!({})
        }
        "GetArchiveRule" => json!({"archiveRule": rule(found(analyzers, call)?.1, call)?}),
        "DeleteArchiveRule" => {
            let analyzer = found(analyzers, call)?.1;
            rule(analyzer, call)?;
            analyzer.rules.remove(call.required("ruleName")?);
            json!({})
        }
        "ListArchiveRules" => {
            let rules = found(analyzers, call)?.1.rules.values().cloned().collect();
            listed("archiveRules", page(rules, &call.params, 100)?)
        }
        "ListTagsForResource" | "TagResource" | "UntagResource" => {
            let asked = call.required("resourceArn")?;
            let analyzer = analyzers.iter_mut().find(|(name, _)| arn(call, name) == asked);
            let (_, analyzer) = analyzer.ok_or_else(|| not_found(asked))?;
            super::tags::answer(call, &mut analyzer.tags, "tags")
        }
        _ => return Ok(None),
    };
    Ok(Some(Reply::json(&value)))
}

fn arn(call: &Call, name: &str) -> String {
    let (partition, region, account) = (call.region.partition(), call.region.as_str(), call.account.as_str());
    format!("arn:{}:access-analyzer:{region}:{account}:analyzer/{name}", partition.as_str())
}

fn not_found(what: &str) -> AwsError {
    AwsError::new(404, "ResourceNotFoundException", format!("{what} was not found"))
}

fn listed(member: &str, (items, token): (Vec<Value>, Option<String>)) -> Value {
    let mut value = json!({});
    value[member] = Value::Array(items);
    if let Some(token) = token {
        value["nextToken"] = json!(token);
    }
    value
}

fn found<'a, 'b>(analyzers: &'a mut Analyzers, call: &'b Call) -> Result<(&'b str, &'a mut Analyzer), AwsError> {
    let name = call.required("analyzerName")?;
    Ok((name, analyzers.get_mut(name).ok_or_else(|| not_found(name))?))
}

fn rule<'a>(analyzer: &'a mut Analyzer, call: &Call) -> Result<&'a mut Value, AwsError> {
    let name = call.required("ruleName")?;
    analyzer.rules.get_mut(name).ok_or_else(|| not_found(name))
}

fn create(analyzers: &mut Analyzers, call: &Call) -> Result<Value, AwsError> {
    let (name, kind) = (call.required("analyzerName")?, call.required("type")?);
    if analyzers.contains_key(name) {
        return Err(AwsError::new(409, "ConflictException", format!("analyzer {name} already exists")));
    }
    if analyzers.values().any(|analyzer| analyzer.kind == kind) {
        let message = format!("an analyzer of type {kind} already exists in this Region");
        return Err(AwsError::new(402, "ServiceQuotaExceededException", message));
    }
    let mut analyzer = Analyzer {
        kind: kind.to_owned(),
        created: now(),
        configuration: call.params.get("configuration").cloned(),
        tags: call.params.get("tags").and_then(Value::as_object).cloned().unwrap_or_default(),
        rules: BTreeMap::new(),
    };
    for rule in call.objects("archiveRules") {
        add_rule(&mut analyzer, &rule)?;
    }
    analyzers.insert(name.to_owned(), analyzer);
    Ok(json!({"arn": arn(call, name)}))
}

fn describe(call: &Call, name: &str, analyzer: &Analyzer) -> Value {
    let mut value = json!({
        "arn": arn(call, name),
        "name": name,
        "type": analyzer.kind,
        "createdAt": iso(analyzer.created),
        "status": "ACTIVE",
        "tags": analyzer.tags,
    });
    // Lists leave it out.
    if let Some(configuration) = analyzer.configuration.as_ref().filter(|_| call.operation == "GetAnalyzer") {
        value["configuration"] = configuration.clone();
    }
    value
}

fn list(analyzers: &Analyzers, call: &Call) -> Result<Value, AwsError> {
    let kind = call.text("type");
    let analyzers = analyzers.iter().filter(|(_, analyzer)| kind.is_none_or(|kind| analyzer.kind == kind));
    let analyzers = analyzers.map(|(name, analyzer)| describe(call, name, analyzer)).collect();
    Ok(listed("analyzers", page(analyzers, &call.params, 100)?))
}

fn create_rule(analyzer: &mut Analyzer, call: &Call) -> Result<Value, AwsError> {
    let name = call.required("ruleName")?;
    if analyzer.rules.contains_key(name) {
        return Err(AwsError::new(409, "ConflictException", format!("archive rule {name} already exists")));
    }
    add_rule(analyzer, &call.params)?;
    Ok(json!({}))
}

fn add_rule(analyzer: &mut Analyzer, given: &Map<String, Value>) -> Result<(), AwsError> {
    let invalid = |message: &str| AwsError::new(400, "ValidationException", message);
    let name = given.get("ruleName").and_then(Value::as_str).ok_or_else(|| invalid("a rule wants a name"))?;
    let filter = given.get("filter").filter(|filter| filter.as_object().is_some_and(|filter| !filter.is_empty()));
    let filter = filter.ok_or_else(|| invalid("a rule wants a filter"))?;
    if analyzer.rules.len() >= MOST_RULES {
        let message = format!("an analyzer has at most {MOST_RULES} archive rules");
        return Err(AwsError::new(402, "ServiceQuotaExceededException", message));
    }
    let time = iso(now());
    let rule = json!({"ruleName": name, "filter": filter, "createdAt": time, "updatedAt": time});
    analyzer.rules.insert(name.to_owned(), rule);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn there_is_one_analyzer_of_a_type() {
        let testbed = testbed().await;
        let call = |operation: &str, params: Value| call("accessanalyzer", operation, params);
        let filter = json!({"principal.AWS": {"contains": ["arn:x"]}});
        let rules = json!([{"ruleName": "r", "filter": filter}]);
        let create = call(
            "CreateAnalyzer",
            json!({"analyzerName": "a", "type": "ACCOUNT", "archiveRules": rules, "tags": {"k": "v"}}),
        );
        let arn = json!({"arn": "arn:aws:access-analyzer:us-east-1:123456789012:analyzer/a"});
        assert_eq!(ask(&testbed, &create).await, arn);
        assert_eq!(ask(&testbed, &create).await, json!({"error": "ConflictException"}));
        let second = call("CreateAnalyzer", json!({"analyzerName": "b", "type": "ACCOUNT"}));
        assert_eq!(ask(&testbed, &second).await, json!({"error": "ServiceQuotaExceededException"}));
        let listed = ask(&testbed, &call("ListAnalyzers", json!({"type": "ACCOUNT"}))).await;
        assert_eq!(
            (&listed["analyzers"][0]["status"], &listed["analyzers"][0]["tags"]),
            (&json!("ACTIVE"), &json!({"k": "v"}))
        );
        assert_eq!(
            ask(&testbed, &call("ListAnalyzers", json!({"type": "ORGANIZATION"}))).await,
            json!({"analyzers": []})
        );
        let rule = |operation: &str, name: &str| {
            call(operation, json!({"analyzerName": "a", "ruleName": name, "filter": filter}))
        };
        assert_eq!(ask(&testbed, &rule("CreateArchiveRule", "r")).await, json!({"error": "ConflictException"}));
        assert_eq!(ask(&testbed, &rule("CreateArchiveRule", "s")).await, json!({}));
        assert_eq!(ask(&testbed, &rule("GetArchiveRule", "s")).await["archiveRule"]["filter"], filter);
        assert_eq!(ask(&testbed, &rule("DeleteArchiveRule", "r")).await, json!({}));
        let rules = ask(&testbed, &call("ListArchiveRules", json!({"analyzerName": "a"}))).await;
        assert_eq!(rules["archiveRules"].as_array().map(Vec::len), Some(1));
        assert_eq!(ask(&testbed, &call("DeleteAnalyzer", json!({"analyzerName": "a"}))).await, json!({}));
        let gone = ask(&testbed, &call("GetAnalyzer", json!({"analyzerName": "a"}))).await;
        assert_eq!(gone, json!({"error": "ResourceNotFoundException"}));
    }
}
