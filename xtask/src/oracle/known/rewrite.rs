//! Walks over the policies of a case.

use dodai_policy::language::Operator;
use serde_json::{Map, Value, json};

/// Calls `change` with every policy document of a case; whether it changed any.
pub(super) fn documents(case: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>) -> bool) -> bool {
    match case {
        Value::Object(entries) if entries.contains_key("Statement") => change(entries),
        Value::Object(entries) => {
            entries.iter_mut().fold(false, |changed, (_, below)| documents(below, change) | changed)
        }
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| documents(item, change) | changed),
        _ => false,
    }
}

/// Calls `change` with every statement of a document.
pub(super) fn statements(
    document: &mut Map<String, Value>,
    change: &mut dyn FnMut(&mut Map<String, Value>) -> bool,
) -> bool {
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(items)) => items.as_mut_slice(),
        Some(only) => std::slice::from_mut(only),
        None => return false,
    };
    let statements = statements.iter_mut().filter_map(Value::as_object_mut);
    statements.fold(false, |changed, statement| change(statement) | changed)
}

/// Calls `change` with every operator, key and its values of a statement.
pub(super) fn conditions(
    statement: &mut Map<String, Value>,
    change: &mut dyn FnMut(&str, &str, &mut Value) -> bool,
) -> bool {
    let Some(Value::Object(operators)) = statement.get_mut("Condition") else { return false };
    let mut changed = false;
    for (operator, keys) in operators.iter_mut() {
        for (key, values) in keys.as_object_mut().into_iter().flatten() {
            changed |= change(operator, key, values);
        }
    }
    changed
}

/// Calls `change` with every text of a value, also of a list.
pub(super) fn texts(value: &mut Value, change: &mut dyn FnMut(&mut String) -> bool) -> bool {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| texts(item, change) | changed),
        _ => false,
    }
}

/// Calls `change` with every text below a value.
pub(super) fn strings(value: &mut Value, change: &mut dyn FnMut(&mut String) -> bool) -> bool {
    match value {
        Value::Object(entries) => {
            entries.iter_mut().fold(false, |changed, (_, below)| strings(below, change) | changed)
        }
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| strings(item, change) | changed),
        Value::String(text) => change(text),
        _ => false,
    }
}

/// Takes texts out of a list, also the last one.
pub(super) fn drop_texts(values: &mut Value, drops: &dyn Fn(&str) -> bool) -> bool {
    let mut items = match values.take() {
        Value::Array(items) => items,
        one => vec![one],
    };
    let before = items.len();
    items.retain(|item| item.as_str().is_none_or(|text| !drops(text)));
    let changed = items.len() < before;
    *values = Value::Array(items);
    changed
}

/// What an operator compares, without quantifier and `IfExists`.
pub(super) fn comparison(operator: &str) -> Option<&'static str> {
    operator.parse::<Operator>().ok().map(|operator| operator.comparison.as_str())
}

/// Puts in the place of conditions what `known` says that they come to.
pub(super) fn replace_conditions(
    statement: &mut Map<String, Value>,
    known: &dyn Fn(Operator, &str, &Value) -> Option<bool>,
) -> bool {
    let Some(Value::Object(operators)) = statement.get_mut("Condition") else { return false };
    let mut changed = false;
    let mut never = false;
    for (name, keys) in operators.iter_mut() {
        let (Ok(operator), Value::Object(keys)) = (name.parse::<Operator>(), keys) else { continue };
        keys.retain(|key, values| {
            let truth = known(operator, key, values);
            changed |= truth.is_some();
            never |= truth == Some(false);
            truth.is_none()
        });
    }
    operators.retain(|_, keys| keys.as_object().is_none_or(|keys| !keys.is_empty()));
    if never {
        // A key that no request has.
        operators.insert("Null".to_owned(), json!({"oracle:Nothing": "false"}));
    }
    changed
}

/// Gives keys of conditions other names.
pub(super) fn rename_keys(
    statement: &mut Map<String, Value>,
    name: &mut dyn FnMut(Operator, &str, &Value) -> Option<String>,
) -> bool {
    let Some(Value::Object(operators)) = statement.get_mut("Condition") else { return false };
    let mut changed = false;
    for (operator, keys) in operators.iter_mut() {
        let (Ok(operator), Value::Object(keys)) = (operator.parse::<Operator>(), keys) else { continue };
        let renamed = std::mem::take(keys).into_iter().map(|(key, values)| match name(operator, &key, &values) {
            Some(other) => {
                changed = true;
                (other, values)
            }
            None => (key, values),
        });
        *keys = renamed.collect();
    }
    changed
}
