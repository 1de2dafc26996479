//! A document against its shape: every key, type and name that is wrong, each at its place.

use std::collections::HashSet;

use crate::PolicyType;
use crate::form::{Form, Wrong};
use crate::names::Names;
use crate::settings;
use crate::shape::{Field, Shape};
use dodai_document::keys::{Keys, keys};
use dodai_document::node::{Entry, Kind, Node, Place};
use dodai_document::problems::{Problems, quote, suggest};

/// Checks `node`; `path` is how messages call it (`units.Default.policies`).
pub(crate) fn check(node: &Node, shape: &Shape, path: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    match shape {
        Shape::Named(_, shape) => check(node, shape, path, names, problems),
        Shape::Bool => {
            if node.bool().is_none() {
                expected(node, path, "true or false", problems);
            }
        }
        Shape::Text(form) => text(node, *form, path, names, problems),
        Shape::List(item) => list(node, item, path, names, problems),
        Shape::Map(key, value) => {
            for entry in map(node, path, problems) {
                name(&entry.key, entry.place, *key, &format!("a key of {}", quote(path)), names, problems);
                check(&entry.value, value, &below(path, &entry.key), names, problems);
            }
        }
        Shape::Record(fields) => record(node, fields, path, names, problems),
        Shape::Policies => policies(node, path, names, problems),
        Shape::Features => features(node, path, names, problems),
        Shape::OptIn => match node.text() {
            Some("all" | "none") => {}
            Some(_) => expected(node, path, "`all`, `none` or a list of features", problems),
            None => list(node, &Shape::Text(Form::Feature), path, names, problems),
        },
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn expected(node: &Node, path: &str, what: &str, problems: &mut Problems<'_>) {
    let subject = if path.is_empty() { "the file".to_owned() } else { quote(path) };
    let help = match (what, &node.kind) {
        ("a list", Kind::Map(_)) => Some("each entry of a list begins with `- `"),
        ("a list", _) => Some("a list is written [one, another], or one entry a line after `- `"),
        ("a map", Kind::List(_)) => Some("an entry of a map is `name: value`, without `- `"),
        ("a text", _) if node.is_null() => Some("write one behind the colon, or take the key out"),
        _ => None,
    };
    let message = format!("{subject} must be {what}, found {}", node.describe());
    problems.add(node.place, message, help.map(str::to_owned));
}

fn text(node: &Node, form: Form, path: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    match node.text() {
        Some(text) => name(text, node.place, form, &quote(path), names, problems),
        None if node.bool().is_some() => problems.add(
            node.place,
            format!("{} must be a text, found {}", quote(path), node.describe()),
            Some("put it in quotes if it is meant as a text".to_owned()),
        ),
        None => expected(node, path, "a text", problems),
    }
}

fn name(text: &str, place: Place, form: Form, subject: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    match form.check(text, names) {
        Ok(()) => {}
        Err(Wrong::Form(expected)) => {
            problems.add(place, format!("{subject} must be {expected}, found {}", quote(text)), None);
        }
        Err(Wrong::Name(message, help)) => problems.add(place, message, help),
    }
}

fn list(node: &Node, item: &Shape, path: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    if !node.is_null() && !matches!(node.kind, Kind::List(_)) {
        return expected(node, path, "a list", problems);
    }
    let mut seen: HashSet<&str> = HashSet::new();
    for (number, node) in node.items().iter().enumerate() {
        check(node, item, &format!("{path}[{number}]"), names, problems);
        // Lists of texts here are sets: what is in them twice is a slip.
        if let Some(text) = node.text()
            && !seen.insert(text)
        {
            problems.add(node.place, format!("{} is in {} twice", quote(text), quote(path)), None);
        }
    }
}

/// The entries of a map; a key without a value is an empty map.
fn map<'n>(node: &'n Node, path: &str, problems: &mut Problems<'_>) -> &'n [Entry] {
    if !node.is_null() && !matches!(node.kind, Kind::Map(_)) {
        expected(node, path, "a map", problems);
    }
    node.entries()
}

fn record(node: &Node, fields: &[Field], path: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    let before = problems.list.len();
    let entries = map(node, path, problems);
    if problems.list.len() > before {
        return;
    }
    for entry in entries {
        match fields.iter().find(|field| field.name == entry.key) {
            Some(field) if entry.value.is_null() && !field.required && holds_more(&field.shape) => {}
            Some(field) => check(&entry.value, &field.shape, &below(path, &entry.key), names, problems),
            None => {}
        }
    }
    let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let lacking: Vec<&str> = fields
        .iter()
        .filter(|field| field.required && !entries.iter().any(|entry| entry.key == field.name))
        .map(|field| field.name)
        .collect();
    let Keys { unknown, missing } = keys(entries, &known, &lacking);
    for (entry, help) in unknown {
        let place = if path.is_empty() { String::new() } else { format!(" in {}", quote(path)) };
        problems.add(entry.place, format!("unknown key {}{place}", quote(&entry.key)), help);
    }
    for field in fields.iter().filter(|field| missing.contains(&field.name)) {
        let message = format!("{} is missing", quote(&below(path, field.name)));
        problems.add(node.place, message, Some(field.doc.to_owned()));
    }
}

/// Whether a key of this shape may stand without a value: lists and maps whose entries are commented out.
fn holds_more(shape: &Shape) -> bool {
    !matches!(shape, Shape::Text(_) | Shape::Bool | Shape::OptIn)
}

fn policies(node: &Node, path: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    for entry in map(node, path, problems) {
        let path = below(path, &entry.key);
        let Some(kind) = PolicyType::of_folder(&entry.key) else {
            let help = suggest(&entry.key, PolicyType::ALL.iter().map(|kind| kind.folder));
            problems.add(entry.place, format!("unknown policy type {}", quote(&entry.key)), help);
            continue;
        };
        list(&entry.value, &Shape::Text(Form::Line(128)), &path, names, problems);
        let known = names.policies.get(kind.folder);
        for item in entry.value.items() {
            let Some(name) = item.text() else { continue };
            if kind.given.contains(&name) {
                let message = format!("{} is AWS's own policy", quote(name));
                problems.add(item.place, message, Some("it stays attached and is not named here".to_owned()));
            } else if !known.is_some_and(|known| known.contains(name)) {
                let help = suggest(name, known.into_iter().flatten().map(String::as_str))
                    .or_else(|| Some(format!("write policies/{}/<name>.json", kind.folder)));
                problems.add(item.place, format!("unknown {} policy {}", kind.folder, quote(name)), help);
            }
        }
    }
}

/// On or off, also in the words that other tools take for it.
fn switch(node: &Node) -> Option<bool> {
    node.bool().or_else(|| match node.text()?.to_lowercase().as_str() {
        "on" | "yes" | "enabled" => Some(true),
        "off" | "no" | "disabled" | "none" => Some(false),
        _ => None,
    })
}

fn features(node: &Node, path: &str, names: &Names<'_>, problems: &mut Problems<'_>) {
    for entry in map(node, path, problems) {
        let Some(feature) = names.catalogue.feature(&entry.key) else {
            let help = suggest(&entry.key, names.catalogue.features.iter().map(|feature| feature.id));
            problems.add(entry.place, format!("unknown feature {}", quote(&entry.key)), help);
            continue;
        };
        let path = below(path, &entry.key);
        if let Some(on) = switch(&entry.value) {
            problems.add(
                entry.value.place,
                format!("{} must be a map of settings, found {}", quote(&path), entry.value.describe()),
                Some(format!("to switch a feature on or off: {{enabled: {on}}}")),
            );
            continue;
        }
        for setting in map(&entry.value, &path, problems) {
            settings::check(feature, setting, &path, problems);
        }
    }
}
