//! Laws of merging, on generated documents.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{from_json, kind, merged};

/// A tag policy's document as its effective policy would be: policy keys to their settings. Keys begin with `prefix`.
fn tags(prefix: &'static str) -> impl Strategy<Value = Map<String, Value>> {
    let values = || prop::collection::vec("[a-zA-Z]{1,3}", 1..4);
    let tag = ("[A-Za-z]{1,4}", prop::option::of(values()), prop::option::of(values())).prop_map(
        |(key, values, enforced)| {
            let mut tag = Map::from_iter([("tag_key".to_owned(), json!(key))]);
            tag.extend(values.map(|values| ("tag_value".to_owned(), json!(values))));
            tag.extend(enforced.map(|values| ("enforced_for".to_owned(), json!(values))));
            Value::Object(tag)
        },
    );
    prop::collection::btree_map("[a-z~/]{1,3}", tag, 1..4)
        .prop_map(move |tags| tags.into_iter().map(|(key, tag)| (format!("{prefix}{key}"), tag)).collect())
}

/// The policy that assigns each setting, with `more` beside each operator and in each map.
fn assigning(document: &Value, more: &Map<String, Value>) -> Value {
    let mut map = match document {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), assigning(value, more))).collect(),
        value => Map::from_iter([("@@assign".to_owned(), value.clone())]),
    };
    map.extend(more.clone());
    Value::Object(map)
}

/// Any document, operators in all the wrong places.
fn anything() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("tags".to_owned()),
        Just("plans".to_owned()),
        Just("rules".to_owned()),
        Just("guardduty".to_owned()),
        Just("default".to_owned()),
        Just("tag_key".to_owned()),
        Just("tag_value".to_owned()),
        Just("@@assign".to_owned()),
        Just("@@append".to_owned()),
        Just("@@remove".to_owned()),
        Just("@@operators_allowed_for_child_policies".to_owned()),
        "[@a-zé]{0,3}",
    ];
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        any::<i32>().prop_map(|n| json!(n)),
        "\\PC{0,4}".prop_map(Value::from)
    ];
    leaf.prop_recursive(6, 48, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key.clone(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_policy_that_only_assigns_is_its_own_effective_policy(tags in tags("")) {
        let document = json!({"tags": tags});
        let node = from_json(&assigning(&document, &Map::new()));
        let result = merged("tag", &[("root", &[("p", &node)])]);
        prop_assert_eq!(&result.document, &document);
        prop_assert!(result.ignored.is_empty());
        prop_assert!(result.origins.iter().all(|(pointer, by)| by == "p" && document.pointer(pointer).is_some()));
    }

    #[test]
    fn the_order_of_siblings_with_different_keys_does_not_matter(one in tags("a"), other in tags("b")) {
        let one = from_json(&assigning(&json!({"tags": one}), &Map::new()));
        let other = from_json(&assigning(&json!({"tags": other}), &Map::new()));
        let there = merged("tag", &[("root", &[("one", &one), ("other", &other)])]);
        let back = merged("tag", &[("root", &[("other", &other), ("one", &one)])]);
        prop_assert_eq!(there, back);
    }

    #[test]
    fn what_is_locked_at_every_node_no_child_policy_changes(tags in tags(""), child in tags("")) {
        let document = json!({"tags": tags});
        let lock = Map::from_iter([("@@operators_allowed_for_child_policies".to_owned(), json!(["@@none"]))]);
        let parent = from_json(&assigning(&document, &lock));
        let child = from_json(&assigning(&json!({"tags": child}), &Map::new()));
        let result = merged("tag", &[("root", &[("parent", &parent)]), ("unit", &[("child", &child)])]);
        prop_assert_eq!(&result.document, &document);
    }

    #[test]
    fn no_document_breaks_it_and_each_value_has_an_origin(one in anything(), other in anything(), index in 0usize..15) {
        let kind = kind(crate::PolicyType::ALL[index].folder);
        let (one, other) = (from_json(&one), from_json(&other));
        let _ = super::super::check(kind, "p.json", &one);
        let result = merged(kind.folder, &[("root", &[("one", &one), ("other", &other)]), ("unit", &[("one", &one)])]);
        for pointer in result.origins.keys() {
            prop_assert!(result.document.pointer(pointer).is_some(), "{pointer}");
        }
        let _ = result.text();
    }
}
