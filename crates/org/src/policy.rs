//! Policy files: a file's document read and made small.

use dodai_document::{Node, Place, Problems, json, yaml};
use dodai_policy::PolicyType;
use serde_json::Value;

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
    /// The document with its places in `file`.
    pub tree: Node,
}

impl Policy {
    /// What AWS shows beside the name (at most 512 characters).
    pub fn description(&self) -> String {
        format!("dodai: {}", self.name)
    }
}

/// Reads a policy file. None when its document could not be read.
pub(crate) fn read(kind: &'static PolicyType, name: &str, text: &str, problems: &mut Problems<'_>) -> Option<Policy> {
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
    let content = document(kind, &node, problems)?;
    Some(Policy { kind, name: name.to_owned(), content, file: problems.file.to_owned(), tree: node })
}

fn document(kind: &PolicyType, node: &Node, problems: &mut Problems<'_>) -> Option<String> {
    let Value::Object(document) = node.to_json() else {
        problems.add(node.place, format!("a policy must be a map, found {}", node.describe()), None);
        return None;
    };
    for key in kind.top.iter().filter(|key| !document.contains_key(**key)) {
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
