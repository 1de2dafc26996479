//! Policy variables.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::derived;
use super::rewrite::{comparison, conditions, documents, drop_texts, statements, strings, texts};

/// The single values of a case's context, by keys in lower case.
pub(super) fn context(case: &Value) -> BTreeMap<String, String> {
    let filled = derived::filled(case);
    let entries = filled.pointer("/request/context").and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.to_ascii_lowercase(), value.as_str()?.to_owned()))).collect()
}

fn is_current(document: &Map<String, Value>) -> bool {
    document.get("Version").and_then(Value::as_str) == Some("2012-10-17")
}

/// The text with its variables put in; None where one has no value. Escaped signs stay.
pub(super) fn put_in(text: &str, context: &BTreeMap<String, String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        if matches!(inside, "*" | "?" | "$") {
            filled.extend(["${", inside, "}"]);
        } else {
            let (key, default) = inside.split_once(',').map_or((inside, None), |(key, rest)| (key, Some(rest)));
            let value = context.get(&key.trim().to_ascii_lowercase()).map(String::as_str);
            filled.push_str(value.or_else(|| Some(default?.trim().trim_matches('\'')))?);
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// A text in pieces that are variables, with their braces, and pieces that are not.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match rest.find("${") {
            Some(0) => rest.find('}').map_or(rest.len(), |at| at + 1),
            Some(start) => start,
            None => rest.len(),
        };
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// How many wildcards, and ends of an ARN's parts, a text has outside of its variables.
pub(super) fn ends(text: &str) -> usize {
    let plain = pieces(text).filter(|piece| !piece.starts_with("${"));
    plain.map(|piece| piece.matches(['*', '?', ':']).count()).sum()
}

/// Under version 2008-10-17 `${…}` is plain text.
pub(super) fn old_version(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        if is_current(document) {
            return false;
        }
        document.get_mut("Statement").is_some_and(|statement| {
            strings(statement, &mut |text| {
                let variable = text.contains("${");
                *text = text.replace("${", "$(");
                variable
            })
        })
    });
    changed.then_some(other)
}

/// An empty value is a value: it is put in.
pub(super) fn empty(case: &Value) -> Option<Value> {
    let empty = context(case).into_iter().filter(|(_, value)| value.is_empty());
    let empty: Vec<String> = empty.map(|(key, _)| key).collect();
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        let current = is_current(document);
        let Some(statement) = document.get_mut("Statement").filter(|_| current) else { return false };
        strings(statement, &mut |text| {
            let is_empty = |piece: &str| {
                let inside = piece.strip_prefix("${").and_then(|piece| piece.strip_suffix('}'));
                let key = inside.map(|inside| inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase());
                key.is_some_and(|key| empty.contains(&key))
            };
            let filled: String = pieces(text).filter(|piece| !is_empty(piece)).collect();
            let changed = filled != *text;
            *text = filled;
            changed
        })
    });
    changed.then_some(other)
}

/// `${*}`, `${?}` and `${$}` stand for these signs everywhere, also where no sign is a wildcard.
pub(super) fn escapes(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        let current = is_current(document);
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, _, values| {
                let equals =
                    comparison(operator).is_some_and(|name| name.starts_with("String") && name.contains("Equals"));
                current
                    && equals
                    && texts(values, &mut |text| {
                        let plain = text.replace("${*}", "*").replace("${?}", "?").replace("${$}", "$");
                        let changed = plain != *text;
                        *text = plain;
                        changed
                    })
            })
        })
    });
    changed.then_some(other)
}

/// Variables may stand in the ARNs of conditions.
pub(super) fn in_arns(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        let current = is_current(document);
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, _, values| {
                let arns = comparison(operator).is_some_and(|name| name.starts_with("Arn"));
                current
                    && arns
                    && texts(values, &mut |text| {
                        // What comes out of a request is never a wildcard, nor does it end a part.
                        let filled = put_in(text, &context).filter(|filled| filled != text);
                        let plain = filled.filter(|filled| ends(filled) == ends(text));
                        match plain {
                            Some(filled) => {
                                *text = filled;
                                true
                            }
                            None => false,
                        }
                    })
            })
        })
    });
    changed.then_some(other)
}

/// A variable without a value equals nothing, and so is unequal to everything.
pub(super) fn without_value(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        let current = is_current(document);
        statements(document, &mut |statement| {
            conditions(statement, &mut |operator, _, values| {
                let compares =
                    comparison(operator).is_some_and(|name| name.starts_with("String") || name.starts_with("Arn"));
                current && compares && drop_texts(values, &|text| put_in(text, &context).is_none())
            })
        })
    });
    changed.then_some(other)
}
