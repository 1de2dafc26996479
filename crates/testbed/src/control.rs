//! The testbed's own controls, under `/testbed` (never signed, so that no AWS call is mistaken for one).

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::form_pairs;
use crate::faults::Rule;
use crate::pipeline::{Testbed, lock};
use crate::reply::Reply;
use crate::scale::Scale;

const MANUAL: &str = "\
POST   /testbed/fault    {service, kind, operation?, account?, region?, times?, after?, code?, message?, millis?}
                         kind: deny throttle http500 reset lost hang html404 truncate
POST   /testbed/deny     the same with kind deny
POST   /testbed/clear    no more faults
POST   /testbed/expire   {account?}: temporary keys expire
GET    /testbed/calls    the log; ?since=NUMBER for what came after that call
DELETE /testbed/calls    forget the log
GET    /testbed/unimplemented    operations that moto had no answer to, with counts
GET    /testbed/recording    what was read so far (with --record); DELETE forgets it
GET    /testbed/scale    what was asked at scale (with --scale); DELETE begins anew
";

/// Answers a control request.
pub(crate) fn answer(testbed: &Testbed, method: &Method, target: &str, body: &[u8]) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let outcome = match (method.as_str(), path) {
        ("GET", "/testbed") => return Reply::new(200, "text/plain", MANUAL),
        ("POST", "/testbed/fault") => fault(testbed, body, None),
        ("POST", "/testbed/deny") => fault(testbed, body, Some("deny")),
        ("POST", "/testbed/clear") => {
            lock(&testbed.faults).clear();
            Ok(json!({}))
        }
        ("POST", "/testbed/expire") => expire(testbed, body),
        ("GET", "/testbed/calls") => calls(testbed, query),
        ("DELETE", "/testbed/calls") => {
            lock(&testbed.journal).forget();
            Ok(json!({}))
        }
        ("GET", "/testbed/recording") => {
            return Reply::new(200, "application/jsonl", lock(&testbed.recorder).text());
        }
        ("DELETE", "/testbed/recording") => {
            lock(&testbed.recorder).forget();
            Ok(json!({}))
        }
        ("GET", "/testbed/scale") => Ok(testbed.scale.as_ref().map_or(Value::Null, Scale::report)),
        ("DELETE", "/testbed/scale") => {
            if let Some(scale) = &testbed.scale {
                scale.forget();
            }
            Ok(json!({}))
        }
        ("GET", "/testbed/unimplemented") => Ok(json!(lock(&testbed.journal).unimplemented())),
        _ => return Reply::new(404, "text/plain", MANUAL),
    };
    match outcome {
        Ok(value) => Reply::json(&value),
        Err(problem) => Reply::new(400, "application/json", json!({"problem": problem}).to_string()),
    }
}

fn fault(testbed: &Testbed, body: &[u8], kind: Option<&str>) -> Result<Value, String> {
    let mut rule: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if let (Some(kind), Some(members)) = (kind, rule.as_object_mut()) {
        members.insert("kind".to_owned(), json!(kind));
    }
    let rule = Rule::deserialize(rule).map_err(|error| error.to_string())?;
    lock(&testbed.faults).add(rule);
    Ok(json!({}))
}

fn expire(testbed: &Testbed, body: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Expire {
        account: Option<String>,
    }
    let body = if body.is_empty() { b"{}" } else { body };
    let asked: Expire = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(json!({"expired": lock(&testbed.keys).expire(asked.account.as_deref())}))
}

fn calls(testbed: &Testbed, query: &str) -> Result<Value, String> {
    let query = form_pairs(query.as_bytes());
    let since = match query.get("since").and_then(Value::as_str) {
        None => 0,
        Some(number) => number.parse().map_err(|_| format!("`{number}` is not the number of a call"))?,
    };
    Ok(json!(lock(&testbed.journal).since(since)))
}
