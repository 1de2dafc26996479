//! The editors' schema against the reader: each accepts and refuses what the other does.

use dodai_org::{SourceFile, schema};
use serde_json::{Value, json};

use super::{ACCOUNT, DODAI, EXCEPTIONS, catalogue, told};

#[test]
fn the_schema_agrees_with_the_reader() {
    let schemas = schema(&catalogue());
    // The library's own parameters are the library's to test.
    let mut shown = schemas.clone();
    shown
        .as_object_mut()
        .unwrap()
        .retain(|files, _| !["service-control", "resource-control"].iter().any(|kind| files.contains(kind)));
    insta::assert_json_snapshot!("schema", shown);
    let accepts = |key: &str, yaml: &Value| {
        let schema = &schemas[key];
        accepts(yaml, schema, schema)
    };
    // As JSON, which is YAML too: the reader and the schema are given the same text.
    let organization = json!({
        "organization": "o-exampleorgid", "home_region": "us-east-1", "regions": ["us-east-1"],
        "units": {"Default": {"policies": {"service-control": ["default"]}, "units": {"Sandbox": null}}},
        "features": {"guardduty": {"enabled": true, "protection": ["s3"]}, "iam-password-policy": {"max_age": null}},
        "profiles": {"secure": {"features": {"cloudtrail": {"retention": "1y"}}}},
        "controls": {"off": {"S3.8": "because"}}, "standards": ["fsbp"], "state": "s3://bucket/prefix",
    });
    let account = json!({
        "email": "web@example.com", "unit": "Default", "profile": "basic", "id": 111_122_223_333_u64,
        "opt_in": ["guardduty"], "tags": {"a": "b"},
        "contacts": {"billing": {"name": "a", "title": "b", "email": "c@example.com", "phone": "+1 2"}},
    });
    let exceptions = json!([{"control": "S3.8", "account": "web", "owner": "a", "reason": "b", "until": "2026-12-31"}]);
    let mut checked = 0;
    let mut both = |key: &str, path: &str, value: &Value, right: bool| {
        assert_eq!(accepts(key, value), right, "schema: {value}");
        assert_eq!(told(vec![SourceFile::text(path, value.to_string())]) == "right\n", right, "reader: {value}");
        checked += 1;
    };
    for (key, path, right, wrong) in [
        (
            "dodai.yaml",
            DODAI,
            organization,
            vec![
                ("/organization", json!("x")),
                ("/organization", Value::Null),
                ("/regions", json!("us-east-1")),
                ("/regions/0", json!("US")),
                ("/units/Default/units/Sandbox", json!({"unit": {}})),
                ("/units/Default/policies", json!({"scp": []})),
                ("/features/guardduty/enabled", json!("yes")),
                ("/features/guardduty/protection/0", json!("x")),
                ("/features/guardduty", json!({"x": 1})),
                ("/features", json!({"x": {}})),
                ("/profiles/secure/features/cloudtrail/retention", json!("2y")),
                ("/features/iam-password-policy/max_age", json!(5000)),
                ("/standards/0", json!("x")),
                ("", json!([])),
            ],
        ),
        (
            "accounts/*.yaml",
            ACCOUNT,
            account,
            vec![
                ("/email", json!("x")),
                ("/unit", json!([])),
                ("/profile", json!("x")),
                ("/id", json!("x")),
                ("/opt_in", json!("some")),
                ("/opt_in/0", json!("x")),
                ("/tags/a", json!({})),
                ("/contacts/billing", json!({"name": "a"})),
                ("/contacts", json!({"x": null})),
            ],
        ),
        (
            "exceptions.yaml",
            EXCEPTIONS,
            exceptions,
            vec![
                ("/0/until", json!("soon")),
                ("/0/owner", json!("")),
                ("/0", json!({"control": "S3.8"})),
                ("", json!({"a": 1})),
            ],
        ),
    ] {
        both(key, path, &right, true);
        for (place, value) in wrong {
            let mut document = right.clone();
            *document.pointer_mut(place).unwrap() = value;
            both(key, path, &document, false);
        }
    }
    assert_eq!(checked, 30);
}

/// The part of JSON schema that ours uses.
pub(super) fn accepts(value: &Value, schema: &Value, root: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return schema != &json!(false) };
    schema.iter().all(|(keyword, rule)| match keyword.as_str() {
        "$ref" => {
            let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
            accepts(value, root.pointer(pointer).unwrap(), root)
        }
        "type" => match rule {
            Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind)),
            kind => is(value, kind),
        },
        "enum" => rule.as_array().unwrap().contains(value),
        "anyOf" => rule.as_array().unwrap().iter().any(|schema| accepts(value, schema, root)),
        "const" => rule == value,
        "minItems" => value.as_array().is_none_or(|items| items.len() >= size(rule)),
        "minProperties" => value.as_object().is_none_or(|fields| fields.len() >= size(rule)),
        "maxProperties" => value.as_object().is_none_or(|fields| fields.len() <= size(rule)),
        "pattern" => {
            value.as_str().is_none_or(|text| regex_lite::Regex::new(rule.as_str().unwrap()).unwrap().is_match(text))
        }
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= size(rule)),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= size(rule)),
        "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
        "uniqueItems" => {
            value.as_array().is_none_or(|items| (1..items.len()).all(|at| !items[..at].contains(&items[at])))
        }
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| accepts(item, rule, root))),
        "required" => value
            .as_object()
            .is_none_or(|fields| rule.as_array().unwrap().iter().all(|key| fields.contains_key(key.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|fields| {
            fields.iter().all(|(key, value)| rule.get(key).is_none_or(|schema| accepts(value, schema, root)))
        }),
        "propertyNames" => {
            value.as_object().is_none_or(|fields| fields.keys().all(|key| accepts(&json!(key), rule, root)))
        }
        "additionalProperties" => value.as_object().is_none_or(|fields| {
            let named = |key: &str| schema.get("properties").is_some_and(|properties| properties.get(key).is_some());
            fields.iter().filter(|(key, _)| !named(key)).all(|(_, value)| accepts(value, rule, root))
        }),
        "$schema" | "$defs" | "title" | "description" | "default" | "examples" => true,
        other => panic!("the schema uses `{other}`, which this test does not know"),
    })
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    }
}

fn size(rule: &Value) -> usize {
    usize::try_from(rule.as_u64().unwrap()).unwrap()
}
