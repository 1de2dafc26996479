//! `include` of a policy file: guardrails of the library, each by name, with values for its parameters.
//!
//! ```yaml
//! include: [deny-leaving, {region-restriction: {allowed: [eu-west-1]}}]
//! ```
//!
//! Service and resource control policies have the included statements first, in this order, then their own. A policy of
//! another type is one document, so it includes one guardrail and says nothing beside it.

use std::collections::{BTreeMap, HashSet};

use dodai_document::node::{Entry, Kind, Node, Place};
use dodai_document::problems::{Problems, quote};
use dodai_policy::library::{Guardrail, Library, Parameters, Source, expand};

use crate::PolicyType;

const INCLUDE: &str = "include";
const VERSION: &str = "Version";
const STATEMENT: &str = "Statement";
/// The version that knows policy variables, which guardrails use.
const CURRENT: &str = "2012-10-17";

/// A policy file that includes guardrails: resolved once the rest of the directory is known.
#[derive(Debug)]
pub(crate) struct Including {
    pub(crate) kind: &'static PolicyType,
    pub(crate) name: String,
    pub(crate) file: String,
    /// The file's own part beside `include`.
    own: Vec<Entry>,
    items: Vec<Item>,
    place: Place,
}

/// One guardrail that is included.
#[derive(Debug)]
struct Item {
    guardrail: &'static Guardrail,
    place: Place,
    given: Vec<Entry>,
}

/// Whether a policy file includes guardrails.
pub(crate) fn includes(node: &Node) -> bool {
    node.entries().iter().any(|entry| entry.key == INCLUDE)
}

/// Reads `include` and what stands beside it: unknown names, parameters and values are told here.
pub(crate) fn read(
    kind: &'static PolicyType,
    name: &str,
    node: &Node,
    problems: &mut Problems<'_>,
) -> Option<Including> {
    let entry = node.entries().iter().find(|entry| entry.key == INCLUDE)?;
    let before = problems.list.len();
    if entry.value.items().is_empty() {
        let found =
            if matches!(entry.value.kind, Kind::List(_)) { "an empty one".to_owned() } else { entry.value.describe() };
        let message = format!("`include` must be a list of guardrails, found {found}");
        problems.add(entry.value.place, message, Some("such as [deny-leaving, region-restriction]".to_owned()));
    }
    let items: Vec<Item> = entry.value.items().iter().filter_map(|node| item(kind, node, problems)).collect();
    let mut seen = HashSet::new();
    for item in items.iter().filter(|item| !seen.insert(item.guardrail.name.as_str())) {
        problems.add(item.place, format!("`{}` is included twice", item.guardrail.name), None);
    }
    let own: Vec<Entry> = node.entries().iter().filter(|entry| entry.key != INCLUDE).cloned().collect();
    if is_language(kind) {
        let version = own.iter().find(|entry| entry.key == VERSION);
        if let Some(version) = version.filter(|version| version.value.text() != Some(CURRENT)) {
            let message =
                format!("`Version` must be \"{CURRENT}\" beside `include`, found {}", version.value.describe());
            problems.add(version.value.place, message, Some("or leave it out".to_owned()));
        }
    } else {
        let help = format!("a {} policy is one document; write it out, or include one guardrail", kind.folder);
        for entry in &own {
            problems.add(entry.place, format!("{} stands beside `include`", quote(&entry.key)), Some(help.clone()));
        }
        if let Some(second) = entry.value.items().get(1) {
            problems.add(second.place, "a second guardrail is included", Some(help));
        }
    }
    let file = problems.file.to_owned();
    let right = problems.list.len() == before;
    right.then(|| Including { kind, name: name.to_owned(), file, own, items, place: node.place })
}

/// Written in IAM's language, as lists of statements.
fn is_language(kind: &PolicyType) -> bool {
    kind.top.contains(&STATEMENT)
}

/// `name`, or `{name: {parameter: value}}`.
fn item(kind: &'static PolicyType, node: &Node, problems: &mut Problems<'_>) -> Option<Item> {
    let (name, place, values) = match (node.text(), node.entries()) {
        (Some(name), _) => (name, node.place, None),
        (None, [entry]) => (entry.key.as_str(), entry.place, Some(&entry.value)),
        (None, _) => {
            let message = format!("`include` names a guardrail, found {}", node.describe());
            problems.add(node.place, message, Some("write its name, or {name: {parameter: value}}".to_owned()));
            return None;
        }
    };
    let library = Library::embedded();
    let Some(guardrail) = library.guardrail(kind, name) else {
        problems.list.push(library.unknown(kind, name, problems.file, place));
        return None;
    };
    if let Some(values) = values.filter(|values| !values.is_null() && !matches!(values.kind, Kind::Map(_))) {
        let message = format!("the parameters of `{name}` must be a map, found {}", values.describe());
        problems.add(values.place, message, None);
    }
    let given = values.map(Node::entries).unwrap_or_default().to_vec();
    let unknown = BTreeMap::new();
    Parameters { file: problems.file, place, given: &given, directory: &unknown }.check(guardrail, problems);
    Some(Item { guardrail, place, given })
}

impl Including {
    /// The names of the guardrails.
    pub(crate) fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.guardrail.name.clone()).collect()
    }

    /// The whole document. What is included has the place of its name in `include`.
    pub(crate) fn resolve(&self, values: &BTreeMap<Source, Vec<String>>, problems: &mut Problems<'_>) -> Option<Node> {
        let before = problems.list.len();
        let mut documents = Vec::new();
        for item in &self.items {
            let Item { guardrail, place, given } = item;
            match expand(guardrail, &Parameters { file: &self.file, place: *place, given, directory: values }) {
                Ok(mut document) => {
                    set_place(&mut document, *place);
                    documents.push(document);
                }
                Err(found) => problems.list.extend(found),
            }
        }
        if problems.list.len() > before {
            return None;
        }
        if is_language(self.kind) { self.statements(&documents, problems) } else { documents.pop() }
    }

    fn statements(&self, documents: &[Node], problems: &mut Problems<'_>) -> Option<Node> {
        let mut statements: Vec<Node> = documents.iter().flat_map(|node| listed(node.get(STATEMENT))).collect();
        let own: Vec<Node> = listed(self.own.iter().find(|entry| entry.key == STATEMENT).map(|entry| &entry.value));
        let before = problems.list.len();
        for sid in own.iter().filter_map(|statement| statement.get("Sid")) {
            if statements.iter().any(|other| other.text_at("Sid") == sid.text()) {
                let message = format!("`Sid` {} is also that of an included statement", sid.describe());
                problems.add(sid.place, message, Some("every `Sid` of a policy is its own".to_owned()));
            }
        }
        if problems.list.len() > before {
            return None;
        }
        statements.extend(own);
        let entry = |key: &str, kind: Kind| {
            let place = self.place;
            Entry { key: key.to_owned(), place, value: Node { place, kind } }
        };
        let mut entries = vec![entry(VERSION, Kind::Scalar { text: CURRENT.to_owned(), plain: false })];
        entries.extend(self.own.iter().filter(|entry| ![VERSION, STATEMENT].contains(&entry.key.as_str())).cloned());
        entries.push(entry(STATEMENT, Kind::List(statements)));
        Some(Node { place: self.place, kind: Kind::Map(entries) })
    }
}

/// The statements of a list, or the one that stands without a list.
fn listed(node: Option<&Node>) -> Vec<Node> {
    match node {
        None => Vec::new(),
        Some(node) if matches!(node.kind, Kind::List(_)) => node.items().to_vec(),
        Some(node) => vec![node.clone()],
    }
}

fn set_place(node: &mut Node, place: Place) {
    node.place = place;
    match &mut node.kind {
        Kind::Scalar { .. } => {}
        Kind::List(items) => items.iter_mut().for_each(|item| set_place(item, place)),
        Kind::Map(entries) => {
            for entry in entries {
                entry.place = place;
                set_place(&mut entry.value, place);
            }
        }
    }
}
