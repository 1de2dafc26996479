//! Policy files: a file's document read, what it includes put in, and made small.

use std::collections::BTreeMap;

use dodai_document::{Entry, Node, Place, Problems, json, quote, yaml};
use dodai_facts::meant;
use dodai_policy::PolicyType;
use dodai_policy::library::Source;
use serde_json::Value;

use crate::include::{self, Including};

/// A policy's source may have 100 KB.
const MAX_SOURCE_BYTES: usize = 100 << 10;

/// A policy of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub kind: &'static PolicyType,
    /// The file's name without its suffix; the policy's name in AWS.
    pub name: String,
    /// The document, as JSON without white space, keys in the author's order.
    pub content: String,
    /// `policies/service-control/default.json`
    pub file: String,
    /// The document with its places in `file`; what is included stands where it is named.
    pub tree: Node,
    /// The names of the library's guardrails that it includes.
    pub includes: Vec<String>,
}

/// A policy file that could be read.
#[derive(Debug)]
pub(crate) enum Written {
    Whole(Policy),
    /// Wants values of the directory.
    Including(Including),
}

impl Policy {
    /// What AWS shows beside the name (at most 512 characters).
    pub fn description(&self) -> String {
        format!("dodai: {}", self.name)
    }
}

impl Written {
    /// The policy, with what it includes. None when something of that is wrong, which is told.
    pub(crate) fn resolve(self, values: &BTreeMap<Source, Vec<String>>, problems: &mut Problems<'_>) -> Option<Policy> {
        match self {
            Self::Whole(policy) => Some(policy),
            Self::Including(including) => {
                let tree = including.resolve(values, problems)?;
                let content = document(including.kind, &tree, problems)?;
                let includes = including.names();
                let Including { kind, name, file, .. } = including;
                Some(Policy { kind, name, content, file, tree, includes })
            }
        }
    }

    pub(crate) fn file(&self) -> &str {
        match self {
            Self::Whole(policy) => &policy.file,
            Self::Including(including) => &including.file,
        }
    }
}

/// Reads a policy file. None when its document could not be read.
pub(crate) fn read(kind: &'static PolicyType, name: &str, text: &str, problems: &mut Problems<'_>) -> Option<Written> {
    if text.len() > MAX_SOURCE_BYTES {
        problems.add(
            Place::FILE,
            format!("the policy is too large: {} bytes", text.len()),
            Some(format!("a policy file has at most {MAX_SOURCE_BYTES} bytes (100 KB)")),
        );
        return None;
    }
    if kind.given.contains(&name) {
        problems.add(
            Place::FILE,
            format!("`{name}` is AWS's own policy and cannot be written"),
            Some("give the policy another name".to_owned()),
        );
    }
    let is_json = std::path::Path::new(problems.file).extension().is_some_and(|suffix| suffix == "json");
    let node = if is_json { json::parse(text, problems) } else { yaml::parse(text, problems) }?;
    if include::includes(&node) {
        return include::read(kind, name, &node, problems).map(Written::Including);
    }
    let content = document(kind, &node, problems)?;
    let file = problems.file.to_owned();
    Some(Written::Whole(Policy { kind, name: name.to_owned(), content, file, tree: node, includes: Vec::new() }))
}

fn document(kind: &PolicyType, node: &Node, problems: &mut Problems<'_>) -> Option<String> {
    let Value::Object(document) = node.to_json() else {
        problems.add(node.place, format!("a policy must be a map, found {}", node.describe()), None);
        return None;
    };
    for key in kind.top.iter().filter(|key| !document.contains_key(**key)) {
        let mistyped =
            |entry: &&Entry| !kind.top.contains(&entry.key.as_str()) && meant(&entry.key, &[], &[key]).is_some();
        if let Some(entry) = node.entries().iter().find(mistyped) {
            let message = format!("unknown key {} at the top of this {} policy", quote(&entry.key), kind.folder);
            problems.add(entry.place, message, Some(format!("did you mean `{key}`?")));
            continue;
        }
        problems.add(
            node.place,
            format!("`{key}` is missing at the top of this {} policy", kind.folder),
            Some(format!(
                "a {} document has {}",
                kind.aws,
                kind.top.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ")
            )),
        );
    }
    let content = Value::Object(document).to_string();
    let length = content.chars().count();
    if let Some(limit) = kind.limit.filter(|limit| length > *limit) {
        problems.add(
            Place::FILE,
            format!("the policy is too large: {length} characters without white space"),
            Some(format!("a {} has at most {limit}; split it, or use `*` in actions", kind.aws)),
        );
    }
    Some(content)
}
