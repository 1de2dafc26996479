//! Tags as REST services with a tag map have them: `ListTagsForResource`, `TagResource`, `UntagResource`.

use serde_json::{Map, Value, json};

use crate::call::Call;

/// Acts on a resource's tags; `member` is the map's name on the wire (`tags`, `Tags`).
pub(super) fn answer(call: &Call, tags: &mut Map<String, Value>, member: &str) -> Value {
    match call.operation.as_str() {
        "TagResource" => {
            let given = call.params.get(member).and_then(Value::as_object).cloned().unwrap_or_default();
            tags.extend(given);
            json!({})
        }
        "UntagResource" => {
            let removed = match call.params.get("tagKeys") {
                Some(Value::Array(keys)) => keys.clone(),
                Some(key) => vec![key.clone()],
                None => Vec::new(),
            };
            tags.retain(|key, _| !removed.contains(&json!(key)));
            json!({})
        }
        _ => {
            let mut value = Map::new();
            value.insert(member.to_owned(), json!(tags));
            Value::Object(value)
        }
    }
}
