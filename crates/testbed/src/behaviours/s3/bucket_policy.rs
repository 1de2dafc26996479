//! Bucket policies: the testbed keeps what was put, moto sees it without the denials that carry a condition, because it
//! ignores conditions and a TLS-only statement would deny everything. Follows "PutBucketPolicy", "GetBucketPolicyStatus"
//! of the Amazon S3 API Reference.

use http::Method;
use serde_json::Value;

use super::super::Answer;
use super::{ask, bucket};
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// The longest policy, in bytes ("Bucket policies for Amazon S3").
const LONGEST: usize = 20 << 10;

pub(super) async fn put(testbed: &Testbed, call: &Call) -> Answer {
    let malformed = |why: &str| AwsError::new(400, "MalformedPolicy", why);
    if call.body.len() > LONGEST {
        return Err(AwsError::new(400, "PolicyTooLarge", "Policy exceeds the maximum allowed document size."));
    }
    let text = String::from_utf8(call.body.to_vec());
    let text = text.map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    let policy: Value = serde_json::from_str(&text)
        .map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    let seen = without_conditional_denials(&policy).ok_or_else(|| malformed("Missing required field Statement"))?;
    let reply = if has_statements(&seen) {
        testbed.moto.forward_with(call, seen.to_string().into()).await?
    } else {
        let reply = ask(testbed, call, Method::DELETE, "?policy", "").await?;
        if reply.is_success() { Reply::empty(204) } else { reply }
    };
    if reply.is_success() {
        testbed.state().bucket_policies.insert(bucket(call).to_owned(), text);
    }
    Ok(Some(reply))
}

/// The policy as moto may see it; none where there are no statements to speak of.
fn without_conditional_denials(policy: &Value) -> Option<Value> {
    let mut seen = policy.clone();
    let statements = match seen.get_mut("Statement")? {
        Value::Array(statements) => std::mem::take(statements),
        statement @ Value::Object(_) => vec![statement.take()],
        _ => return None,
    };
    let kept = statements.into_iter().filter(|statement| {
        let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
        let conditional = statement.get("Condition").and_then(Value::as_object).is_some_and(|keys| !keys.is_empty());
        !(denies && conditional)
    });
    seen["Statement"] = kept.collect();
    Some(seen)
}

fn has_statements(policy: &Value) -> bool {
    policy.get("Statement").and_then(Value::as_array).is_some_and(|statements| !statements.is_empty())
}

pub(super) fn get(testbed: &Testbed, call: &Call) -> Option<Reply> {
    let state = testbed.state();
    let policy = state.bucket_policies.get(bucket(call))?;
    Some(Reply::new(200, "application/json", policy.clone()))
}

/// A policy of nothing but conditional denials is there, and not public, though moto has none.
pub(super) async fn status(testbed: &Testbed, call: &Call) -> Answer {
    let reply = testbed.forward(call).await?;
    let known = testbed.state().bucket_policies.contains_key(bucket(call));
    if reply.status == http::StatusCode::NOT_FOUND && known {
        let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
        let body = format!("<PolicyStatus xmlns=\"{namespace}\"><IsPublic>false</IsPublic></PolicyStatus>");
        return Ok(Some(Reply::new(200, "application/xml", body)));
    }
    Ok(Some(reply))
}

pub(super) async fn delete(testbed: &Testbed, call: &Call) -> Answer {
    let reply = testbed.forward(call).await?;
    if reply.is_success() {
        testbed.state().bucket_policies.remove(bucket(call));
    }
    Ok(Some(reply))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditional_denials_are_kept_from_moto() {
        let tls = json!({"Sid": "tls", "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
        let allow = json!({"Sid": "a", "Effect": "Allow", "Condition": {"StringEquals": {"a": "b"}}});
        let deny = json!({"Sid": "d", "Effect": "Deny"});
        let check = |statement: Value, expected: Option<Value>| {
            let seen = without_conditional_denials(&json!({"Statement": statement}));
            assert_eq!(seen.map(|seen| seen["Statement"].clone()), expected);
        };
        check(json!([tls, allow, deny]), Some(json!([allow, deny])));
        check(tls.clone(), Some(json!([])));
        check(json!("nothing"), None);
        assert!(!has_statements(&json!({"Statement": []})));
    }
}
