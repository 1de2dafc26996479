//! What values are, and what becomes of those that are none.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use dodai_policy::language::{Comparison, Operator, Quantifier};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::derived;
use super::rewrite::{
    comparison, conditions, documents, drop_texts, rename_keys, replace_conditions, statements, strings, texts,
};

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')) && text.parse::<f64>().is_ok()
}

fn is_date(text: &str) -> bool {
    let day = |day: &str| day.parse::<jiff::civil::Date>().is_ok();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits || text.parse::<Timestamp>().is_ok() || text.strip_suffix("T00:00Z").map_or_else(|| day(text), day)
}

fn is_network(text: &str) -> bool {
    text.split('/').next().is_some_and(|address| address.parse::<IpAddr>().is_ok())
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

fn is_binary(text: &str) -> bool {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    text.len().is_multiple_of(4) && text.bytes().all(base64)
}

/// Whether a text is of the kind that an operator compares.
fn is_of(comparison: &str, text: &str) -> bool {
    match comparison {
        name if name.starts_with("Numeric") => is_number(text),
        name if name.starts_with("Date") => is_date(text),
        name if name.contains("IpAddress") => is_network(text),
        name if name.starts_with("Arn") => is_arn(text),
        "Bool" => ["true", "false"].iter().any(|truth| text.eq_ignore_ascii_case(truth)),
        "BinaryEquals" => is_binary(text),
        _ => true,
    }
}

/// Whether a request's value is of the kind: it is an address, never a network.
fn is_given_of(comparison: &str, text: &str) -> bool {
    is_of(comparison, text) && !(comparison.contains("IpAddress") && text.contains('/'))
}

/// The values of a case's context, by keys in lower case.
fn context(case: &Value) -> BTreeMap<String, Vec<String>> {
    let filled = derived::filled(case);
    let entries = filled.pointer("/request/context").and_then(Value::as_object).into_iter().flatten();
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    };
    entries.map(|(key, value)| (key.to_ascii_lowercase(), texts(value))).collect()
}

/// Puts numbers in quotes; AWS reads both alike.
fn bare_numbers(values: &mut Value) -> bool {
    match values {
        Value::Number(number) => {
            *values = json!(number.to_string());
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| bare_numbers(item) | changed),
        _ => false,
    }
}

/// Seconds since 1970 are dates like any other.
pub(super) fn epoch(case: &Value) -> Option<Value> {
    let mut dates = Vec::new();
    let mut other = case.clone();
    let written = |text: &mut String| {
        let seconds =
            text.parse::<i64>().ok().filter(|_| text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(date) = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()) else { return false };
        *text = date.to_string();
        true
    };
    let mut changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, key, values| {
                let date = comparison(operator).is_some_and(|name| name.starts_with("Date"));
                if date {
                    dates.push(key.to_ascii_lowercase());
                }
                date && bare_numbers(values) | texts(values, &mut { written })
            })
        })
    });
    if let Some(Value::Object(context)) = other.pointer_mut("/request/context") {
        for (_, value) in context.iter_mut().filter(|(key, _)| dates.contains(&key.to_ascii_lowercase())) {
            changed |= texts(value, &mut { written });
        }
    }
    changed.then_some(other)
}

/// The network of all addresses of version 4: here in two halves.
pub(super) fn everywhere(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, _, values| {
                let list = match values.take() {
                    Value::Array(items) => items,
                    one => vec![one],
                };
                let all = json!("0.0.0.0/0");
                let here = comparison(operator).is_some_and(|name| name.contains("IpAddress")) && list.contains(&all);
                let halves = |item: Value| {
                    if here && item == all { vec![json!("0.0.0.0/1"), json!("128.0.0.0/1")] } else { vec![item] }
                };
                *values = list.into_iter().flat_map(halves).collect();
                here
            })
        })
    });
    changed.then_some(other)
}

/// A value of a policy that is not of its operator's kind matches nothing: it may as well not be there.
pub(super) fn not_of_its_kind(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, _, values| {
                let Some(name) = comparison(operator) else { return false };
                drop_texts(values, &|text| !text.contains("${") && text != "*" && !is_of(name, text))
            })
        })
    });
    changed.then_some(other)
}

/// A request's value that is not of the operator's kind matches nothing. Where that does not settle a condition, it is
/// asked of another key, which has the other values only.
pub(super) fn given_not_of_its_kind(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let mut keys = Vec::new();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            let settled = replace_conditions(statement, &|operator, key, values| {
                if is_any_arn(operator, values) {
                    return None;
                }
                let given = context.get(&key.to_ascii_lowercase())?;
                let fits = given.iter().filter(|text| is_given_of(operator.comparison.as_str(), text)).count();
                if fits == given.len() {
                    return None;
                }
                match (operator.comparison.is_negated(), operator.quantifier) {
                    // One value that matches nothing settles it.
                    (true, Some(Quantifier::Any)) => Some(true),
                    (false, Some(Quantifier::All)) => Some(false),
                    (negated, _) if fits == 0 => Some(negated),
                    _ => None,
                }
            });
            let renamed = rename_keys(statement, &mut |operator, key, values| {
                if is_any_arn(operator, values) {
                    return None;
                }
                let name = operator.comparison.as_str();
                let given = context.get(&key.to_ascii_lowercase())?;
                let fits: Vec<&String> = given.iter().filter(|text| is_given_of(name, text)).collect();
                let renamed = (fits.len() < given.len()).then(|| format!("oracle:{name}-{}", key.replace(':', "-")))?;
                keys.push((renamed.clone(), json!(fits)));
                Some(renamed)
            });
            settled | renamed
        })
    });
    if let Some(Value::Object(context)) = other.pointer_mut("/request/context") {
        context.extend(keys);
    }
    changed.then_some(other)
}

/// An address is in no network of the other version. Here those of version 4 are some of version 6, and the network of
/// all addresses is that of those in use.
pub(super) fn other_version(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let mut keys = Vec::new();
    let sixth = |text: &mut String| {
        let (address, prefix) =
            text.split_once('/').map_or((text.as_str(), None), |(address, prefix)| (address, Some(prefix)));
        let sixth = match (address.parse(), prefix) {
            (Ok(IpAddr::V4(address)), prefix) => {
                let prefix: Option<u32> = prefix.and_then(|prefix| prefix.parse().ok());
                let prefix = prefix.map(|prefix| format!("/{}", prefix + 96)).unwrap_or_default();
                format!("{}{prefix}", Ipv6Addr::from(0xfd00_u128 << 112 | u128::from(u32::from(address))))
            }
            (Ok(IpAddr::V6(_)), Some("0")) => "2000::/3".to_owned(),
            _ => return false,
        };
        *text = sixth;
        true
    };
    let mut changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, key, values| {
                let addresses = comparison(operator).is_some_and(|name| name.contains("IpAddress"));
                if addresses {
                    keys.push(key.to_ascii_lowercase());
                }
                addresses && texts(values, &mut { sixth })
            })
        })
    });
    if let Some(Value::Object(context)) = other.pointer_mut("/request/context") {
        for (_, value) in context.iter_mut().filter(|(key, _)| keys.contains(&key.to_ascii_lowercase())) {
            changed |= texts(value, &mut { sixth });
        }
    }
    changed.then_some(other)
}

/// Whether an ARN is compared with `*`.
fn is_any_arn(operator: Operator, values: &Value) -> bool {
    let any = values == "*" || values.as_array().is_some_and(|values| values.contains(&json!("*")));
    any && operator.comparison.as_str().starts_with("Arn")
}

/// `*` matches every ARN.
pub(super) fn any_arn(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            replace_conditions(statement, &|operator, key, values| {
                let given = context.contains_key(&key.to_ascii_lowercase());
                (is_any_arn(operator, values) && given).then(|| !operator.comparison.is_negated())
            })
        })
    });
    changed.then_some(other)
}

/// With `IfExists` a condition holds when the key is absent, whatever stands before the operator.
pub(super) fn if_exists(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            replace_conditions(statement, &|operator, key, _| {
                let any = operator.if_exists && operator.quantifier == Some(Quantifier::Any);
                (any && !context.contains_key(&key.to_ascii_lowercase())).then_some(true)
            })
        })
    });
    changed.then_some(other)
}

/// Several values under an operator without a quantifier: any may match, and for a negated operator none.
pub(super) fn several(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            let Some(Value::Object(operators)) = statement.get("Condition") else { return false };
            let mut all = serde_json::Map::new();
            let mut changed = false;
            for (name, keys) in operators {
                for (key, values) in keys.as_object().into_iter().flatten() {
                    let many = context.get(&key.to_ascii_lowercase()).is_some_and(|given| given.len() > 1);
                    let mut name = name.clone();
                    if let Ok(operator @ Operator { quantifier: None, comparison, .. }) = name.parse::<Operator>()
                        && many
                        && comparison != Comparison::Null
                    {
                        let quantifier = if comparison.is_negated() { Quantifier::All } else { Quantifier::Any };
                        name = Operator { quantifier: Some(quantifier), ..operator }.to_string();
                        changed = true;
                    }
                    if let Value::Object(keys) = all.entry(name).or_insert_with(|| json!({})) {
                        keys.insert(key.clone(), values.clone());
                    }
                }
            }
            if changed {
                statement.insert("Condition".to_owned(), Value::Object(all));
            }
            changed
        })
    });
    changed.then_some(other)
}

/// A key without any value is absent.
pub(super) fn empty_lists(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let context = other.pointer_mut("/request/context")?.as_object_mut()?;
    let before = context.len();
    context.retain(|_, value| *value != json!([]));
    (context.len() < before).then_some(other)
}

/// `*` spans the end of a line.
pub(super) fn line_ends(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    strings(&mut other, &mut |text| {
        let has = text.contains('\n');
        *text = text.replace('\n', "^");
        has
    })
    .then_some(other)
}
