//! How AWS takes values in: tags are added, features merged, what a trail is not given stays.

use dodai_facts::Row;
use serde_json::{Map, Value, json};

/// `[{Key, Value}]` under whatever names, or `{name: value}`, as `{name: value}`.
pub(super) fn tags(list: &Value) -> Value {
    match list {
        Value::Array(items) => {
            let text = |item: &Value, names: [&str; 2]| {
                names.into_iter().find_map(|name| item.get(name)?.as_str()).unwrap().to_owned()
            };
            let pairs = items.iter().map(|tag| (text(tag, ["Key", "TagKey"]), json!(text(tag, ["Value", "TagValue"]))));
            Value::Object(pairs.collect())
        }
        other => other.clone(),
    }
}

pub(super) fn merge(row: &mut Row, column: &str, more: &Value) {
    let entry = row.values.entry(column).or_insert(json!({}));
    if entry.is_null() {
        *entry = json!({});
    }
    entry.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
}

pub(super) fn take_trail(values: &mut Map<String, Value>, params: &Value) {
    for (name, value) in params.as_object().unwrap() {
        let column = if name == "EnableLogFileValidation" { "LogFileValidationEnabled" } else { name };
        if column != "TagsList" {
            let value = if *value == json!("") { Value::Null } else { value.clone() };
            values.insert(column.to_owned(), value);
        }
    }
}

/// Features that are named are set, agents that are named too; the others stay.
pub(super) fn take_features(features: &mut Vec<Value>, wanted: &Value) {
    for entry in wanted.as_array().into_iter().flatten() {
        let place = features.iter().position(|there| there["Name"] == entry["Name"]);
        let place = place.unwrap_or_else(|| {
            features.push(json!({ "Name": entry["Name"] }));
            features.len() - 1
        });
        features[place]["Status"] = entry["Status"].clone();
        if let Some(agents) = entry.get("AdditionalConfiguration") {
            let mut there = features[place]["AdditionalConfiguration"].as_array().cloned().unwrap_or_default();
            take_features(&mut there, agents);
            features[place]["AdditionalConfiguration"] = json!(there);
        }
    }
}
