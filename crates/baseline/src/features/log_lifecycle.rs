//! The lifecycle of a log bucket: how long objects are kept. Rules of ours by their id, foreign ones stay.
//!
//! AWS: "Lifecycle configuration elements", "Removing expired object delete markers".

use serde_json::{Value, json};

/// Versioned: current and noncurrent versions go after the same time, and what then remains (delete markers
/// without versions) by a rule of its own, which S3 does not take together with days.
pub(super) fn rules(keep_days: u32, versioned: bool) -> Vec<Value> {
    let mut expire = json!({
        "ID": "dodai-expire",
        "Status": "Enabled",
        "Filter": { "Prefix": "" },
        "Expiration": { "Days": keep_days },
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 },
    });
    if !versioned {
        return vec![expire];
    }
    expire["NoncurrentVersionExpiration"] = json!({ "NoncurrentDays": keep_days });
    let markers = json!({
        "ID": "dodai-delete-markers",
        "Status": "Enabled",
        "Filter": { "Prefix": "" },
        "Expiration": { "ExpiredObjectDeleteMarker": true },
    });
    vec![expire, markers]
}

/// The rules of a bucket: ours, and those of others in the form that may stand beside ours (S3 does not take a
/// rule's old `Prefix` and a `Filter` in one configuration).
pub(super) fn split(lifecycle: &Value) -> (Vec<Value>, Vec<Value>) {
    let (ours, mut others): (Vec<Value>, Vec<Value>) = lifecycle
        .as_array()
        .into_iter()
        .flatten()
        .cloned()
        .partition(|rule| rule.get("ID").and_then(Value::as_str).is_some_and(|id| id.starts_with("dodai-")));
    for rule in others.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(prefix) = rule.shift_remove("Prefix") {
            rule.insert("Filter".to_owned(), json!({ "Prefix": prefix }));
        }
    }
    (ours, others)
}

/// Whether rules do the same, in whatever form S3 answers them.
pub(super) fn is_same(left: &[Value], right: &[Value]) -> bool {
    let mut meanings = [left, right].map(|rules| rules.iter().map(meaning).collect::<Vec<_>>());
    for rules in &mut meanings {
        rules.sort_by_key(ToString::to_string);
    }
    let [left, right] = meanings;
    left == right
}

/// What a rule does, and with what else it comes: an empty filter in any form is the whole bucket.
fn meaning(rule: &Value) -> Value {
    let mut rule = rule.clone();
    if let Some(fields) = rule.as_object_mut() {
        let whole = |filter: &Value| {
            filter.as_object().is_some_and(|filter| filter.values().all(|value| *value == json!("")))
                || *filter == json!("")
        };
        for name in ["Filter", "Prefix"] {
            if fields.get(name).is_some_and(whole) {
                fields.shift_remove(name);
            }
        }
        if let Some(expiration) = fields.get_mut("Expiration").and_then(Value::as_object_mut)
            && expiration.get("ExpiredObjectDeleteMarker") == Some(&json!(false))
        {
            expiration.shift_remove("ExpiredObjectDeleteMarker");
        }
        fields.sort_keys();
    }
    rule
}

/// The rules in a few words: `dodai-expire: objects 1095 days`; null for none.
pub(super) fn in_words(rules: &[Value]) -> Value {
    if rules.is_empty() {
        return Value::Null;
    }
    let days = |rule: &Value, path: &str, what: &str| {
        rule.pointer(path).and_then(Value::as_u64).map(|days| format!("{what} after {days} days"))
    };
    rules
        .iter()
        .map(|rule| {
            let id = rule.get("ID").and_then(Value::as_str).unwrap_or_default();
            let mut parts = Vec::new();
            if rule.get("Status") != Some(&json!("Enabled")) {
                parts.push("switched off".to_owned());
            }
            parts.extend(days(rule, "/Expiration/Days", "objects"));
            parts.extend(days(rule, "/NoncurrentVersionExpiration/NoncurrentDays", "old versions"));
            parts.extend(days(rule, "/AbortIncompleteMultipartUpload/DaysAfterInitiation", "unfinished uploads"));
            if rule.pointer("/Expiration/ExpiredObjectDeleteMarker") == Some(&json!(true)) {
                parts.push("delete markers without versions".to_owned());
            }
            let meaning = meaning(rule);
            if meaning.get("Filter").is_some() || meaning.get("Prefix").is_some() {
                parts.push("of a part of the bucket".to_owned());
            }
            json!(format!("{id}: {}", parts.join(", ")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_which_s3_answers_are_the_same() {
        let ours = rules(30, true);
        for filter in [json!({}), json!({ "Prefix": "" }), json!(null)] {
            let mut answered = rules(30, true);
            for rule in &mut answered {
                rule.as_object_mut().unwrap().shift_remove("Filter");
                if !filter.is_null() {
                    rule["Filter"] = filter.clone();
                }
                rule.as_object_mut().unwrap().sort_keys();
            }
            answered.reverse();
            assert!(is_same(&answered, &ours), "{filter}");
        }
        for edit in ["/0/Status", "/0/Expiration/Days", "/0/Filter/Prefix", "/1/Expiration/ExpiredObjectDeleteMarker"] {
            let mut other = json!(ours);
            *other.pointer_mut(edit).unwrap() = json!("other");
            assert!(!is_same(other.as_array().unwrap(), &ours), "{edit}");
        }
    }

    #[test]
    fn old_prefixes_of_others_become_filters() {
        let lifecycle = json!([{ "ID": "theirs", "Prefix": "tmp/" }, { "ID": "dodai-expire" }]);
        let (ours, others) = split(&lifecycle);
        assert_eq!(ours, [json!({ "ID": "dodai-expire" })]);
        assert_eq!(others, [json!({ "ID": "theirs", "Filter": { "Prefix": "tmp/" } })]);
    }
}
