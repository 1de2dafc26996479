//! One guardrail of the library, as its file says it.

use std::collections::BTreeSet;

use dodai_document::node::{Entry, Node, Place};
use dodai_document::{Problems, quote, suggest, yaml};
use dodai_facts::Problem;

use super::expand::{Piece, pieces};
use super::{Kind, Parameter, Source};
use crate::PolicyType;

/// A policy with parameters, and what people should know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    pub kind: &'static PolicyType,
    /// The file's name without its suffix: `deny-leaving`.
    pub name: String,
    /// `policies/service-control/deny-leaving.yaml`
    pub file: &'static str,
    /// What it does, in one line.
    pub title: String,
    /// Why one wants it, and whom it exempts.
    pub why: String,
    pub parameters: Vec<Parameter>,
    /// With its placeholders.
    pub document: Node,
    /// The path and text of its tests.
    pub tests: Option<(&'static str, &'static str)>,
}

const KEYS: [&str; 4] = ["title", "why", "parameters", "document"];
const PARAMETER_KEYS: [&str; 4] = ["kind", "from", "default", "description"];

impl Guardrail {
    pub(super) fn read(
        file: &'static str,
        text: &str,
        tests: Option<(&'static str, &'static str)>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::of(file);
        let read = guardrail(file, text, tests, &mut problems);
        match read {
            Some(guardrail) if problems.list.is_empty() => Ok(guardrail),
            _ => Err(problems.list),
        }
    }
}

fn guardrail(
    file: &'static str,
    text: &str,
    tests: Option<(&'static str, &'static str)>,
    problems: &mut Problems<'_>,
) -> Option<Guardrail> {
    let mut parts = file.split('/');
    let [_, folder, name] = std::array::from_fn(|_| parts.next());
    let Some((kind, name)) = PolicyType::of_folder(folder?).zip(name?.strip_suffix(".yaml")) else {
        problems.add(Place::FILE, "a guardrail is a file policies/<type>/<name>.yaml", None);
        return None;
    };
    let node = yaml::parse(text, problems)?;
    unknown_keys(node.entries(), &KEYS, problems);
    let parameters: Vec<Parameter> = node
        .get("parameters")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| parameter(entry, problems))
        .collect();
    let document = needed(&node, "document", problems)?.clone();
    let mut used = BTreeSet::new();
    placeholders(&document, &parameters, &mut used, problems);
    for parameter in parameters.iter().filter(|parameter| !used.contains(parameter.name.as_str())) {
        problems.add(node.place, format!("the parameter `{}` is nowhere in the document", parameter.name), None);
    }
    let text = |key: &str, problems: &mut Problems<'_>| Some(needed(&node, key, problems)?.text()?.trim().to_owned());
    Some(Guardrail {
        kind,
        name: name.to_owned(),
        file,
        title: text("title", problems)?,
        why: text("why", problems)?,
        parameters: parameters.clone(),
        document,
        tests,
    })
}

fn needed<'n>(node: &'n Node, key: &str, problems: &mut Problems<'_>) -> Option<&'n Node> {
    let found = node.get(key);
    if found.is_none() {
        problems.add(node.place, format!("`{key}` is missing"), None);
    }
    found
}

fn unknown_keys(entries: &[Entry], known: &[&'static str], problems: &mut Problems<'_>) {
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let help = suggest(&entry.key, known.iter().copied());
        problems.add(entry.place, format!("unknown key {}", quote(&entry.key)), help);
    }
}

fn parameter(entry: &Entry, problems: &mut Problems<'_>) -> Option<Parameter> {
    let node = &entry.value;
    unknown_keys(node.entries(), &PARAMETER_KEYS, problems);
    let named = needed(node, "kind", problems)?;
    let Some(kind) = named.text().and_then(Kind::named) else {
        let help = suggest(named.text().unwrap_or_default(), Kind::names());
        problems.add(named.place, format!("{} is no kind of parameter", named.describe()), help);
        return None;
    };
    let from = node.text_at("from").map(|from| {
        let known = Source::ALL.into_iter().find(|source| source.as_str() == from);
        if known.is_none() {
            let message = format!("the directory has no {}", quote(from));
            problems.add(node.place, message, suggest(from, Source::ALL.map(Source::as_str)));
        }
        known
    });
    let default = node.get("default").map(|default| match default.text() {
        Some(text) => vec![text.to_owned()],
        None => default.texts(),
    });
    for wrong in default.iter().flatten().filter(|text| !kind.form.holds(text)) {
        problems.add(node.place, format!("the default {} is not {}", quote(wrong), kind.form.expected()), None);
    }
    let description = needed(node, "description", problems)?.text()?.trim().to_owned();
    Some(Parameter { name: entry.key.clone(), kind, from: from.flatten(), default, description })
}

/// Every placeholder names a parameter, and stands where its kind can.
fn placeholders<'p>(
    node: &Node,
    parameters: &'p [Parameter],
    used: &mut BTreeSet<&'p str>,
    problems: &mut Problems<'_>,
) {
    let mut text = |text: &str, is_key: bool, place: Place| {
        let Some(pieces) = pieces(text) else {
            problems.add(place, format!("{} has a `{{{{` that no `}}}}` closes", quote(text)), None);
            return;
        };
        let mut lists = 0;
        for piece in pieces {
            let Piece::Parameter(name) = piece else { continue };
            if let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) {
                lists += usize::from(parameter.kind.many);
                used.insert(parameter.name.as_str());
            } else {
                let help = suggest(name, parameters.iter().map(|parameter| parameter.name.as_str()));
                problems.add(place, format!("the parameter {} is not declared", quote(name)), help);
            }
        }
        if lists > usize::from(!is_key) {
            problems.add(place, format!("{} has more lists in it than can be", quote(text)), None);
        }
    };
    match &node.kind {
        dodai_document::Kind::Scalar { text: written, .. } => text(written, false, node.place),
        dodai_document::Kind::List(items) => {
            for item in items {
                placeholders(item, parameters, used, problems);
            }
        }
        dodai_document::Kind::Map(entries) => {
            for entry in entries {
                text(&entry.key, true, entry.place);
            }
            for entry in entries {
                placeholders(&entry.value, parameters, used, problems);
            }
        }
    }
}
