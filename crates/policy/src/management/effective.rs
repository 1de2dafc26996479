//! The effective policy of an account: what comes of all policies of one type along its path, who said what, and what was
//! said in vain. As `DescribeEffectivePolicy` gives it: without operators, author's names in lower case where AWS takes
//! them without regard to case.

use std::collections::BTreeMap;
use std::fmt;

use dodai_document::Node;
use serde_json::{Map, Value};

use crate::PolicyType;

use super::merge::{self, Branch};
use super::operator::Operator;
use super::schema::{Need, Schema, Shape};
use super::{reading, schemas};

/// A policy that is attached somewhere. Its document should pass [`super::check`]; what does not is left out, and told.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    pub name: &'a str,
    pub document: &'a Node,
}

/// The root, an organizational unit or the account, with the policies attached to it in the order of attachment: where two
/// conflict, the one attached first counts ("Inheritance examples", example 6). AWS's API does not tell that order.
#[derive(Debug, Clone)]
pub struct Level<'a> {
    pub name: &'a str,
    pub policies: Vec<Attached<'a>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// An empty map where no policy says anything.
    pub document: Value,
    /// JSON pointer of each single value and each item of a list (of the list, where it is empty) to the policy that said
    /// it.
    pub origins: BTreeMap<String, String>,
    pub ignored: Vec<Ignored>,
    /// JSON pointers of what AWS requires of an effective policy and no policy of the path says.
    pub missing: Vec<String>,
    /// How the service reads the document where that is not plain.
    pub notes: Vec<String>,
}

/// What a policy says in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub policy: String,
    /// Where it is attached.
    pub level: String,
    /// JSON pointer, in the names of the effective policy.
    pub pointer: String,
    /// None where a key, not a value, was refused.
    pub operator: Option<Operator>,
    pub why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A policy further up the path does not allow this operator, or no new names, to child policies.
    NotAllowed { by: String },
    /// A policy attached to the same place before it has set another value.
    AttachedLater { than: String },
    /// Only lists can be appended to and removed from.
    SingleValue,
    /// Not of the form that a policy has; `check` tells the place.
    Malformed,
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed { by } => write!(formatter, "`{by}` does not allow it to child policies"),
            Self::AttachedLater { than } => {
                write!(formatter, "`{than}`, attached to the same place, was attached before it")
            }
            Self::SingleValue => formatter.write_str("the setting has one value"),
            Self::Malformed => formatter.write_str("not of the form of a policy"),
        }
    }
}

/// The effective policy along a path, the root first and the account last. A type that has none (service control, resource
/// control) gets an empty one with a note that says so.
pub fn effective(kind: &PolicyType, path: &[Level<'_>]) -> Effective {
    let Some(schema) = schemas::of(kind) else {
        let note = format!("{} policies are not merged: there is no effective policy of this type", kind.folder);
        return Effective { notes: vec![note], ..Effective::empty() };
    };
    let (branch, ignored) = merge::merge(&schema.shape, path);
    finish(kind, schema, &branch, ignored)
}

impl Effective {
    fn empty() -> Self {
        Self {
            document: Value::Object(Map::new()),
            origins: BTreeMap::new(),
            ignored: Vec::new(),
            missing: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// No policy says anything; `DescribeEffectivePolicy` answers `EffectivePolicyNotFoundException`.
    pub fn is_empty(&self) -> bool {
        self.document.as_object().is_none_or(Map::is_empty)
    }
}

fn finish(kind: &PolicyType, schema: &'static Schema, branch: &Branch, ignored: Vec<Ignored>) -> Effective {
    let mut writer = Writer { origins: BTreeMap::new(), missing: Vec::new() };
    let mut result = Effective { ignored, ..Effective::empty() };
    if let Some(document) = writer.value(branch, &schema.shape, Need::Optional, "") {
        result.notes = reading::notes(kind, &document);
        result.document = document;
        result.origins = writer.origins;
        result.missing = writer.missing;
    }
    result
}

struct Writer {
    origins: BTreeMap<String, String>,
    missing: Vec<String>,
}

impl Writer {
    /// None where nothing is said. A list that `@@remove` has emptied says nothing, unless AWS wants it even empty.
    fn value(&mut self, branch: &Branch, shape: &'static Shape, need: Need, pointer: &str) -> Option<Value> {
        match &branch.held {
            Some(merge::Held::One(said)) => {
                self.origins.insert(pointer.to_owned(), said.by.clone());
                return Some(said.value.clone());
            }
            Some(merge::Held::Many { said, first, emptied }) => {
                if said.is_empty() {
                    if *emptied && need == Need::Optional {
                        return None;
                    }
                    self.origins.insert(pointer.to_owned(), first.clone());
                }
                for (index, item) in said.iter().enumerate() {
                    self.origins.insert(format!("{pointer}/{index}"), item.by.clone());
                }
                return Some(Value::Array(said.iter().map(|item| item.value.clone()).collect()));
            }
            None => {}
        }
        let mut fields = Map::new();
        for (name, child) in &branch.children {
            let below = below(pointer, name);
            if let Some(value) = self.value(child, shape.below(name), shape.need(name), &below) {
                fields.insert(name.clone(), value);
            }
        }
        if fields.is_empty() {
            return None;
        }
        if let Shape::Block(known, _) = shape {
            let missing = known
                .iter()
                .filter(|field| field.need != Need::Optional && !fields.contains_key(field.name))
                .map(|field| below(pointer, field.name));
            self.missing.extend(missing);
        }
        Some(Value::Object(fields))
    }
}

/// The JSON pointer (RFC 6901) of a name below another.
pub(super) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
