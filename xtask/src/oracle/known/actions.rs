//! How `Action` and `NotAction` are matched.

use serde_json::Value;

use super::rewrite::{documents, statements, texts};

/// `*:*` is every action of every service, as `*` is.
pub(super) fn every(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            let elements = statement.iter_mut().filter(|(name, _)| matches!(name.as_str(), "Action" | "NotAction"));
            elements.fold(false, |changed, (_, values)| {
                changed
                    | texts(values, &mut |text| {
                        let every = text == "*:*";
                        if every {
                            "*".clone_into(text);
                        }
                        every
                    })
            })
        })
    });
    changed.then_some(other)
}
