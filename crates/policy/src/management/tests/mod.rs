//! Tests of the room: the syntax of each type, AWS's examples of inheritance, and laws.

mod effective;
mod laws;
mod syntax;

use dodai_document::{Node, Problems, json, yaml};
use serde_json::Value;

use crate::PolicyType;

use super::{Attached, Effective, Level};

fn kind(folder: &str) -> &'static PolicyType {
    PolicyType::of_folder(folder).expect("a type of this name")
}

/// A document, in YAML because it is shorter.
fn document(text: &str) -> Node {
    let mut problems = Problems::of("p.yaml");
    let node = yaml::parse(text, &mut problems);
    assert_eq!(problems.list, [], "{text}");
    node.expect("a document")
}

fn from_json(value: &Value) -> Node {
    let mut problems = Problems::of("p.json");
    json::parse(&value.to_string(), &mut problems).expect("a document")
}

/// The effective policy of a path written as `(level, [(policy, document)])`.
fn merged(folder: &str, path: &[(&str, &[(&str, &Node)])]) -> Effective {
    let levels: Vec<Level<'_>> = path
        .iter()
        .map(|(name, policies)| Level {
            name,
            policies: policies.iter().map(|(name, document)| Attached { name, document }).collect(),
        })
        .collect();
    super::effective(kind(folder), &levels)
}
