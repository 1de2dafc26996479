//! Management policies: whatever the documents are, there is an effective policy, and each of its values has an origin.

use dodai_document::{Node, Problems, json, yaml};
use dodai_policy::PolicyType;
use dodai_policy::management::{Attached, Level, check, effective};

/// The first byte chooses the type; the documents, JSON or YAML, are separated by zero bytes.
pub fn management(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let kind = &PolicyType::ALL[usize::from(*kind) % PolicyType::ALL.len()];
    let documents: Vec<Node> = text.split('\0').take(4).filter_map(document).collect();
    for document in &documents {
        let _ = check(kind, "p.json", document);
    }
    // Two policies at the root, then one at each place.
    let mut path: Vec<Level<'_>> = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        let policy = Attached { name: ["a", "b", "c", "d"][at], document };
        match path.first_mut() {
            Some(root) if at == 1 => root.policies.push(policy),
            _ => path.push(Level { name: "level", policies: vec![policy] }),
        }
    }
    let result = effective(kind, &path);
    for pointer in result.origins.keys() {
        assert!(result.document.pointer(pointer).is_some(), "{pointer}: {}", result.document);
    }
    assert_eq!(result, effective(kind, &path));
    let _ = result.text();
}

fn document(text: &str) -> Option<Node> {
    let mut problems = Problems::of("p");
    json::parse(text, &mut problems).or_else(|| yaml::parse(text, &mut Problems::of("p")))
}
