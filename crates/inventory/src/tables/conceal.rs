//! What of a column's value is not stored: everything that the API model marks as sensitive and everything
//! that the table file hides. Of a hidden text remains that there is one; and of a map its keys.

use std::collections::BTreeSet;

use dodai_models::{Service, ShapeId, ShapeKind};
use serde_json::Value;

use super::path::Path;

/// Stands for a text that is not stored.
pub const HIDDEN: &str = "(hidden)";

/// What is done to every value of one column before it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Conceal {
    /// Paths in the column's value that are hidden: those of the table file, and of the model.
    pub(crate) hide: Vec<Path>,
    /// Percent-encoded texts.
    pub(crate) decode: Vec<Path>,
}

impl Conceal {
    pub(crate) fn apply(&self, value: &mut Value) {
        for path in &self.decode {
            path.change(value, &mut |text| {
                if let Value::String(encoded) = text
                    && let Some(decoded) = decode(encoded)
                {
                    *text = Value::String(decoded);
                }
            });
        }
        for path in &self.hide {
            path.change(value, &mut hide);
        }
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Null => {}
        Value::String(text) => HIDDEN.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => fields.values_mut().for_each(hide),
        Value::Bool(_) | Value::Number(_) => *value = Value::Null,
    }
}

/// A policy document as IAM sends it: percent-encoded, as a whole or not at all. None where it is not
/// encoded, or not text once decoded.
fn decode(text: &str) -> Option<String> {
    // A document begins with a brace or blank; one that was not encoded may hold a bare `%`.
    if !text.starts_with('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let high = rest.next().and_then(digit)?;
            let low = rest.next().and_then(digit)?;
            bytes.push(high * 16 + low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The paths under a shape that the model marks as sensitive, as text that begins with `at`, without those
/// in `keep`.
pub(crate) fn sensitive(service: &Service, shape: ShapeId, at: &str, keep: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    walk(service, shape, at, keep, &mut Vec::new(), &mut found);
    found
}

fn walk(
    service: &Service,
    id: ShapeId,
    at: &str,
    keep: &BTreeSet<String>,
    above: &mut Vec<ShapeId>,
    found: &mut Vec<String>,
) {
    if keep.contains(at) {
        return;
    }
    // Below a shape that repeats itself paths have no end: all of it is hidden if any of it is sensitive.
    if above.contains(&id) {
        if reaches_sensitive(service, id) {
            found.push(at.to_owned());
        }
        return;
    }
    let shape = service.shape(id);
    if shape.sensitive {
        found.push(at.to_owned());
        return;
    }
    above.push(id);
    match &shape.kind {
        ShapeKind::Structure(structure) => {
            for member in &structure.members {
                let inner = if at.is_empty() { member.name.clone() } else { format!("{at}.{}", member.name) };
                walk(service, member.shape, &inner, keep, above, found);
            }
        }
        ShapeKind::List { member, .. } => walk(service, member.shape, &format!("{at}[]"), keep, above, found),
        // A key is data, so a path cannot go through it: every value of the map is hidden.
        ShapeKind::Map { value, .. } if reaches_sensitive(service, value.shape) => found.push(at.to_owned()),
        _ => {}
    }
    above.pop();
}

fn reaches_sensitive(service: &Service, start: ShapeId) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![start];
    while let Some(id) = next.pop() {
        if !seen.insert(id) {
            continue;
        }
        let shape = service.shape(id);
        if shape.sensitive {
            return true;
        }
        match &shape.kind {
            ShapeKind::Structure(structure) => next.extend(structure.members.iter().map(|member| member.shape)),
            ShapeKind::List { member, .. } => next.push(member.shape),
            ShapeKind::Map { value, .. } => next.push(value.shape),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_hidden_keeps_its_form() {
        let conceal = Conceal { hide: vec![Path::parse("Environment.Variables").unwrap()], decode: vec![] };
        let mut value = json!({"Environment": {"Variables": {"KEY": "secret", "N": null}, "Error": "x"}});
        conceal.apply(&mut value);
        assert_eq!(value, json!({"Environment": {"Variables": {"KEY": HIDDEN, "N": null}, "Error": "x"}}));
        let mut number = json!({"Environment": {"Variables": [1, true, "x"]}});
        conceal.apply(&mut number);
        assert_eq!(number, json!({"Environment": {"Variables": [null, null, HIDDEN]}}));
    }

    #[test]
    fn documents_are_decoded_once() {
        for (text, expected) in [
            ("%7B%22a%22%3A%22%25%22%7D", Some("{\"a\":\"%\"}")),
            ("{\"a\": \"100%25\"}", None),
            ("%7", None),
            ("%ff", None),
            ("%zz", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }
}
