//! From a page's reply to the parameters of the next page.

use serde_json::{Map, Value};

use crate::model::Paginator;

#[derive(Debug, thiserror::Error)]
pub enum PaginateError {
    /// Following it would never end.
    #[error("the reply gives the token of the page that was just read (`{token}`): the list cannot be read to its end")]
    SameToken { token: String },
    #[error("the path `{path}` of the paginator cannot be used: {reason}")]
    Path { path: String, reason: String },
}

/// The parameters that ask for the page after `reply`, itself the answer to `params`; `None` after the last page.
///
/// # Errors
/// When the next page would be the same as this one.
pub fn next_params(paginator: &Paginator, params: &Value, reply: &Value) -> Result<Option<Value>, PaginateError> {
    if let Some(path) = &paginator.more_results
        && !is_true(&search(path, reply)?)
    {
        return Ok(None);
    }
    let mut tokens = Vec::new();
    for (given, path) in paginator.input_token.iter().zip(&paginator.output_token) {
        tokens.push((given, search(path, reply)?));
    }
    if !tokens.iter().any(|(_, token)| is_true(token)) {
        return Ok(None);
    }
    let empty = Map::new();
    let params = params.as_object().unwrap_or(&empty);
    let mut next = params.clone();
    for (given, token) in &tokens {
        if is_true(token) {
            next.insert((*given).clone(), token.clone());
        } else {
            next.shift_remove(given.as_str());
        }
    }
    if paginator.input_token.iter().all(|given| next.get(given) == params.get(given)) {
        let token: Vec<String> = tokens.iter().map(|(_, token)| text(token)).collect();
        return Err(PaginateError::SameToken { token: token.join(", ").chars().take(100).collect() });
    }
    Ok(Some(Value::Object(next)))
}

/// As `JMESPath` understands truth: null, false and whatever is empty are not.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Number(_) => true,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Nearly all paths are names joined by dots: those are followed in place, the rest is `JMESPath`, which wants a
/// copy of the reply.
fn search(path: &str, reply: &Value) -> Result<Value, PaginateError> {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.');
    if path.chars().all(plain) {
        let found = path.split('.').try_fold(reply, |here, name| here.get(name));
        return Ok(found.cloned().unwrap_or_default());
    }
    let error = |reason: String| PaginateError::Path { path: path.to_owned(), reason };
    let expression = jmespath::compile(path).map_err(|reason| error(reason.to_string()))?;
    let found = expression.search(reply).map_err(|reason| error(reason.to_string()))?;
    serde_json::to_value(found).map_err(|reason| error(reason.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Models, ShapeKind};

    #[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
    fn check(name: (&str, &str), params: Value, reply: Value, expected: Option<Value>) {
        let service = Models::embedded().service(name.0).expect("embedded");
        let paginator = service.paginator(name.1).expect("paginated");
        assert_eq!(next_params(paginator, &params, &reply).expect("no loop"), expected, "{name:?} {reply}");
    }

    #[test]
    fn one_token() {
        let name = ("s3", "ListObjectsV2");
        let params = json!({"Bucket": "b"});
        let next = json!({"Bucket": "b", "ContinuationToken": "t"});
        check(name, params.clone(), json!({"IsTruncated": true, "NextContinuationToken": "t"}), Some(next));
        check(name, params.clone(), json!({"NextContinuationToken": "t", "IsTruncated": false}), None);
        check(name, params, json!({}), None);
        let name = ("ec2", "DescribeInstances");
        check(name, json!({}), json!({"NextToken": "a", "Reservations": []}), Some(json!({"NextToken": "a"})));
        check(name, json!({"NextToken": "a"}), json!({"NextToken": "b"}), Some(json!({"NextToken": "b"})));
        check(name, json!({"NextToken": "a"}), json!({"NextToken": ""}), None);
        let name = ("iam", "ListUsers");
        check(name, json!({}), json!({"IsTruncated": true, "Marker": "m"}), Some(json!({"Marker": "m"})));
        check(name, json!({"Marker": "m"}), json!({"IsTruncated": false}), None);
    }

    #[test]
    fn several_tokens() {
        let name = ("route53", "ListResourceRecordSets");
        let reply = json!({"IsTruncated": true, "NextRecordName": "a.", "NextRecordType": "A"});
        let params = json!({"HostedZoneId": "Z", "StartRecordName": "0.", "StartRecordIdentifier": "i"});
        let next = json!({"HostedZoneId": "Z", "StartRecordName": "a.", "StartRecordType": "A"});
        check(name, params, reply, Some(next));
    }

    #[test]
    fn an_expression_as_token() {
        let name = ("s3", "ListObjects");
        let reply = json!({"IsTruncated": true, "Contents": [{"Key": "a"}, {"Key": "b"}]});
        check(name, json!({"Bucket": "x"}), reply, Some(json!({"Bucket": "x", "Marker": "b"})));
        let reply = json!({"IsTruncated": true, "NextMarker": "n", "Contents": [{"Key": "a"}]});
        check(name, json!({"Bucket": "x"}), reply, Some(json!({"Bucket": "x", "Marker": "n"})));
    }

    #[test]
    fn a_token_below_the_top() {
        let reply = json!({"DistributionList": {"IsTruncated": true, "NextMarker": "n"}});
        check(("cloudfront", "ListDistributions"), json!({}), reply, Some(json!({"Marker": "n"})));
    }

    #[test]
    fn the_same_token_again_is_refused() {
        let service = Models::embedded().service("guardduty").expect("embedded");
        let paginator = service.paginator("ListDetectors").expect("paginated");
        let same = next_params(paginator, &json!({"NextToken": "t"}), &json!({"NextToken": "t"}));
        assert!(matches!(same, Err(PaginateError::SameToken { token }) if token == "t"));
    }

    #[test]
    fn operations_that_botocore_forgot_have_one() {
        for (service, operation) in [
            ("apigatewayv2", "GetVpcLinks"),
            ("ce", "GetDimensionValues"),
            ("iam", "GetServiceLastAccessedDetails"),
            ("lightsail", "GetBuckets"),
            ("route53", "ListHostedZonesByName"),
            ("securityhub", "ListAutomationRules"),
            ("servicecatalog", "SearchProducts"),
            ("sesv2", "ListEmailIdentities"),
            ("wafv2", "ListWebACLs"),
        ] {
            let service = Models::embedded().service(service).expect("embedded");
            assert!(service.paginator(operation).is_some(), "{} {operation}", service.name);
        }
        let sts = Models::embedded().service("sts").expect("embedded");
        assert!(sts.paginators.is_empty());
    }

    #[test]
    fn every_paginator_can_be_followed() {
        let models = Models::embedded();
        for service in models.names().filter_map(|name| models.service(name)) {
            for (name, paginator) in &service.paginators {
                let input = service.operation(name).and_then(|operation| service.structure(operation.input?));
                for token in &paginator.input_token {
                    let member = input.and_then(|input| input.member(token));
                    let member = member.unwrap_or_else(|| panic!("{}.{name} takes no {token}", service.name));
                    assert!(!matches!(service.shape(member.shape).kind, ShapeKind::List { .. }));
                }
                for path in paginator.output_token.iter().chain(&paginator.more_results) {
                    search(path, &json!({})).unwrap_or_else(|error| panic!("{}.{name}: {error}", service.name));
                }
            }
        }
    }
}
