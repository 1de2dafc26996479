//! The testbed's own controls, under `/testbed` (never signed, so that no AWS call is mistaken for one).

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::form_pairs;
use crate::faults::Rule;
use crate::pipeline::{Testbed, lock};
use crate::reply::Reply;
use crate::scale::Scale;
use crate::schedule::{Disturber, Schedule};
use crate::visibility::Visibility;

const MANUAL: &str = "\
POST   /testbed/fault    {service, kind, operation?, account?, region?, mutating?, times?, after?, code?, message?, millis?}
                         kind: deny throttle http500 http503 reset lost hang html404 truncate hold
GET    /testbed/waited   how many calls `hang` and `hold` have made to wait so far
POST   /testbed/deny     the same with kind deny
POST   /testbed/disturb  {seed?, percent?, kinds?, in_a_row?, millis?}
                         a share of all calls is disturbed: percent of them (30), by kinds and their weights
                         ({\"throttle\": 3, \"lost\": 1}), the same call at most in_a_row times (3; null: for ever)
                         before it is let through; which calls is decided by seed (0) and the calls themselves
POST   /testbed/limits   {percent?}: throttle by token buckets of this share (100) of the published limits
POST   /testbed/visible  {after_millis}: changes are not seen for so long by reads that were made before
POST   /testbed/session  {millis}: keys that are given out from now on expire after this time
POST   /testbed/clear    no more of all that
POST   /testbed/authorize    {organization, management: [policy], member: [policy]}: whoever uses the management account's keys
                         and the roles in other accounts may do only this; null: everything
GET    /testbed/authorize    what was asked under such policies, each once
DELETE /testbed/authorize    forget what was asked
POST   /testbed/authorize/again    the same form: the first of what was allowed that these policies would refuse, or null
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
        ("POST", "/testbed/disturb") => Schedule::from_json(body).map(|schedule| {
            *lock(&testbed.disturber) = Disturber::new(Some(schedule));
            json!({})
        }),
        ("POST", "/testbed/limits") => limits(testbed, body),
        ("POST", "/testbed/visible") => visible(testbed, body),
        ("POST", "/testbed/session") => session(testbed, body),
        ("POST", "/testbed/clear") => {
            testbed.clear();
            Ok(json!({}))
        }
        ("GET", "/testbed/waited") => Ok(json!(lock(&testbed.faults).waited())),
        ("POST", "/testbed/authorize") => lock(&testbed.authority).set(body),
        ("POST", "/testbed/authorize/again") => lock(&testbed.authority).would_refuse(body),
        ("DELETE", "/testbed/authorize") => {
            lock(&testbed.authority).forget();
            Ok(json!({}))
        }
        ("GET", "/testbed/authorize") => Ok(lock(&testbed.authority).asked()),
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

fn limits(testbed: &Testbed, body: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Share {
        #[serde(default = "all")]
        percent: u32,
    }
    fn all() -> u32 {
        100
    }
    let share: Share = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    lock(&testbed.limits).set(Some(share.percent));
    Ok(json!({}))
}

fn visible(testbed: &Testbed, body: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Visible {
        after_millis: u64,
    }
    let visible: Visible = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    *lock(&testbed.visibility) = Visibility::new(Some(Duration::from_millis(visible.after_millis)));
    Ok(json!({}))
}

fn session(testbed: &Testbed, body: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Session {
        millis: u64,
    }
    let session: Session = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    lock(&testbed.keys).set_session(Some(Duration::from_millis(session.millis)));
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
