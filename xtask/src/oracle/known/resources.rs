//! How `Resource` and `NotResource` are matched.

use serde_json::Value;

use super::rewrite::{documents, statements, texts};
use super::variables::{context, ends, pieces, put_in};

const ELEMENTS: [&str; 2] = ["Resource", "NotResource"];
/// An ARN of nothing.
const NOTHING: &str = "arn:aws:none:::none";

/// Calls `change` with every resource of every policy.
fn resources(case: &mut Value, change: &mut dyn FnMut(&mut String) -> bool) -> bool {
    documents(case, &mut |document| {
        statements(document, &mut |statement| {
            let values = statement.iter_mut().filter(|(name, _)| ELEMENTS.contains(&name.as_str()));
            values.fold(false, |changed, (_, values)| texts(values, change) | changed)
        })
    })
}

/// A wildcard in the last part of an ARN spans colons and slashes: here they become other signs, also in what
/// variables stand for.
pub(super) fn separators(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let mut change = |text: &mut String| {
        let filled = put_in(text, &context).filter(|filled| ends(filled) == ends(text));
        let mut colons = 0;
        let mut changed = String::with_capacity(text.len());
        for piece in pieces(filled.as_deref().unwrap_or(text)) {
            if piece.starts_with("${") {
                changed.push_str(piece);
                continue;
            }
            for sign in piece.chars() {
                colons += usize::from(sign == ':');
                let within = colons > 5 || (colons == 5 && sign == '/');
                changed.push(match sign {
                    ':' if within => '|',
                    '/' if within => '!',
                    sign => sign,
                });
            }
        }
        let differs = changed != *text;
        *text = changed;
        differs
    };
    let mut changed = resources(&mut other, &mut change);
    for name in ["resource", "resources"] {
        if let Some(resource) = other.pointer_mut(&format!("/request/{name}")) {
            changed |= texts(resource, &mut change);
        }
    }
    changed.then_some(other)
}

/// A `*` that ends a part of an ARN reaches over colons, in a resource control policy as elsewhere.
pub(super) fn short_in_rcps(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let changed = resources(other.get_mut("rcps")?, &mut |text| {
        let colons = text.matches(':').count();
        let short = text.starts_with("arn:") && text.ends_with('*') && colons < 5;
        if short {
            text.push_str(&":*".repeat(5 - colons));
        }
        short
    });
    changed.then_some(other)
}

/// A variable without a value makes a resource that names none.
pub(super) fn without_value(case: &Value) -> Option<Value> {
    let context = context(case);
    let mut other = case.clone();
    let changed = resources(&mut other, &mut |text| {
        let nothing = put_in(text, &context).is_none();
        if nothing {
            NOTHING.clone_into(text);
        }
        nothing
    });
    changed.then_some(other)
}
