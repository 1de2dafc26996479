//! The request context: a value, or none, for every condition key that the policies of a case speak of. What follows
//! from the request itself (`aws:PrincipalArn`, …) is given half of the time, and then right.
//!
//! AWS: "AWS global condition context keys".

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::super::derived;
use super::conditions::{self, Kind, MULTIVALUED};
use super::pools::{ADDRESSES, ARNS, BLOBS, DATES, NUMBERS, TRUTHS, WORDS, chance, one};

/// The context of a case whose policies are made.
pub(super) fn aimed_at(case: &Value, rng: &mut Rng) -> Value {
    let mut wanted = BTreeMap::new();
    collect(case, &mut wanted);
    let known = derived::keys(case);
    let mut context = Map::new();
    for (key, values) in wanted {
        if let Some((name, value)) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key)) {
            // Our engine finds it out by itself, whether it is given or not.
            if let (Some(value), true) = (value, rng.bool()) {
                context.insert((*name).to_owned(), json!(value));
            }
            continue;
        }
        if chance(18, rng) {
            // Absent; in a closed request it need not be said.
            if chance(30, rng) {
                context.insert(key, Value::Null);
            }
            continue;
        }
        let kind = conditions::kind_of(&key).unwrap_or(Kind::Text);
        let many = MULTIVALUED.iter().any(|(name, _)| name.eq_ignore_ascii_case(&key));
        let count = if many { 1 + rng.usize(0..3) - usize::from(chance(4, rng)) } else { 1 };
        let mut given: Vec<String> = (0..count).map(|_| value(kind, &values, rng)).collect();
        given.dedup();
        let value = if many { json!(given) } else { json!(given.first()) };
        context.insert(key, value);
    }
    Value::Object(context)
}

/// A value near those that the policies compare it with.
fn value(kind: Kind, compared: &[String], rng: &mut Rng) -> String {
    if !compared.is_empty() && kind != Kind::Address && chance(55, rng) {
        let pattern = &compared[rng.usize(0..compared.len())];
        if !pattern.contains("${") {
            return pattern.replace('*', one(&["", "core", "a"], rng)).replace('?', one(&["o", "a"], rng));
        }
    }
    if kind != Kind::Text && chance(2, rng) {
        return "broken".to_owned();
    }
    let pool: &[&str] = match kind {
        Kind::Text => &WORDS,
        Kind::Number => &NUMBERS,
        Kind::Date => &DATES,
        Kind::Truth => &TRUTHS,
        Kind::Blob => &BLOBS,
        Kind::Address => &ADDRESSES,
        Kind::Arn => &ARNS,
    };
    one(pool, rng).to_owned()
}

/// Every condition key and variable of the policies below a value, with what it is compared with. Keys in lower case,
/// because AWS does not tell cases apart.
fn collect(value: &Value, wanted: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::String(text) => {
            for variable in text.split("${").skip(1) {
                let name = variable.split(['}', ',']).next().unwrap_or_default().trim();
                if name.contains(':') {
                    wanted.entry(name.to_ascii_lowercase()).or_default();
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, wanted)),
        Value::Object(entries) => {
            for (name, below) in entries {
                match below {
                    Value::Object(operators) if name == "Condition" => {
                        for keys in operators.values().filter_map(Value::as_object) {
                            for (key, values) in keys {
                                let compared = wanted.entry(key.to_ascii_lowercase()).or_default();
                                match values {
                                    Value::Array(items) => {
                                        compared.extend(items.iter().filter_map(Value::as_str).map(ToOwned::to_owned));
                                    }
                                    Value::String(text) => compared.push(text.clone()),
                                    other => compared.push(other.to_string()),
                                }
                                collect(values, wanted);
                            }
                        }
                    }
                    _ => collect(below, wanted),
                }
            }
        }
        _ => {}
    }
}
