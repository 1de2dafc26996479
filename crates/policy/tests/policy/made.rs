//! Policies and requests made at random, small enough that what they have in common shows.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Condition keys of the made policies.
pub const KEYS: [&str; 3] = ["aws:SourceIp", "aws:RequestTag/a", "aws:TagKeys"];

/// Texts of variables. With a set operator they would have more values than can all be tried.
const VARIABLES: [&str; 3] = ["${aws:SourceIp}", "${aws:RequestTag/a, 'ab'}", "${aws:RequestTag/a}"];

fn pattern() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "ab", "a*", "*b", "?", "*", "A"]).prop_map(str::to_owned)
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringLikeIfExists",
        "StringNotEqualsIfExists",
        "ForAnyValue:StringLike",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotLike",
        "ForAllValues:StringNotLike",
        "Null",
    ]);
    let variable = prop::option::weighted(0.15, prop::sample::select(VARIABLES.to_vec()));
    let values = prop::collection::vec(pattern(), 1..3);
    (operator, prop::sample::select(KEYS.to_vec()), values, variable, any::<bool>()).prop_map(
        |(operator, key, mut values, variable, truth)| {
            if let Some(variable) = variable.filter(|_| !operator.starts_with("For")) {
                values.push(variable.to_owned());
            }
            let values = if operator == "Null" { json!(truth.to_string()) } else { json!(values) };
            (operator.to_owned(), key.to_owned(), values)
        },
    )
}

pub fn statement() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec!["s3:GetObject", "s3:Get*", "*", "s3:Put*"]);
    let resource =
        prop::sample::select(vec!["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:SourceIp}", "arn:aws:s3:::c/*"]);
    (any::<bool>(), action, any::<bool>(), resource, prop::collection::vec(condition(), 0..3)).prop_map(
        |(allow, action, not_action, resource, conditions)| {
            let mut block = serde_json::Map::new();
            for (operator, key, values) in conditions {
                block.entry(operator).or_insert(json!({}))[key] = values;
            }
            let action_element = if not_action && action != "*" { "NotAction" } else { "Action" };
            json!({
                "Effect": if allow { "Allow" } else { "Deny" },
                action_element: action,
                "Resource": resource,
                "Condition": block,
            })
        },
    )
}

pub fn document() -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(), 1..4)
        .prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// What may be given of a key: nothing, its absence, one value or several.
pub fn given() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        prop::sample::select(vec!["a", "b", "ab", "B", "~"]).prop_map(|text| Some(json!(text))),
        Just(Some(json!(["a", "b"]))),
    ]
}

pub fn context() -> impl Strategy<Value = Value> {
    prop::collection::vec(given(), KEYS.len()).prop_map(|given| {
        let keys = KEYS.iter().zip(given).filter_map(|(key, given)| Some(((*key).to_owned(), given?)));
        Value::Object(keys.collect())
    })
}

pub fn request(context: &Value) -> Value {
    json!({
        "principal": "arn:aws:iam::111122223333:role/R",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/a",
        "resourceAccount": "111122223333",
        "context": context,
    })
}
