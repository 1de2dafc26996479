//! Packing: the documents fit the limit, and every request that can be made is decided as before.

use dodai_policy::decide::{Cache, decide_line};
use dodai_policy::language::{self, Document};
use dodai_policy::pack::{Options, pack as packed};
use dodai_policy::reference::Reference;
use serde_json::{Value, json};

use super::made::{self, Choices};

const LIMIT: usize = 1_200;

pub fn pack(bytes: &[u8]) {
    let choices = &mut Choices::new(bytes);
    let policies: Vec<Value> = (0..=choices.below(4)).map(|_| made::document(choices, false)).collect();
    let read =
        |text: &str| -> Document { language::read_json("p", text).unwrap_or_else(|error| panic!("{text}: {error:?}")) };
    let documents: Vec<(&str, Document)> = policies.iter().map(|policy| ("p", read(&policy.to_string()))).collect();
    let Ok(result) = packed(&documents, Options { limit: LIMIT, keep_sids: choices.byte() > 128, widen: None }) else {
        return;
    };
    let texts: Vec<String> = result.documents.iter().map(Document::to_json).collect();
    assert!(texts.iter().all(|text| text.chars().count() <= LIMIT), "{texts:?}");
    let after: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    for _ in 0..4 {
        let request = made::request(choices);
        if !can_be_made(&request) {
            continue;
        }
        let decide = |level: &[Value]| -> Value {
            let line = json!({ "id": 1, "request": request, "identity": level });
            let answer = decide_line(&line.to_string(), &mut Cache::default());
            serde_json::from_str::<Value>(&answer).expect("JSON")["decision"].clone()
        };
        assert_eq!(decide(&policies), decide(&after), "{request}\n{policies:?}\n{texts:?}");
    }
}

/// AWS documents resources of each ARN's service for the action's service, or does not document the action.
fn can_be_made(request: &Value) -> bool {
    let action = request["action"].as_str().expect("an action");
    let Some((service, _)) = Reference::embedded().action(action) else { return true };
    let of = |arn: &str| arn.split(':').nth(2).map(str::to_owned);
    let documented = |name: &str| {
        service.resource_types.iter().flat_map(|kind| &kind.arns).any(|arn| of(arn).as_deref() == Some(name))
    };
    let resources = request["resources"].as_array().expect("resources").iter().filter_map(Value::as_str);
    resources.filter_map(of).all(|name| name == service.prefix || documented(&name))
}
