//! From text to a [`Document`], with every mistake of its grammar. What a mistaken statement would have meant is not
//! guessed: a document with mistakes is not read.

use dodai_document::{Entry, Keys, Kind, Node, Problems, json, keys, quote, suggest, yaml};
use dodai_facts::Problem;

use super::{
    Comparison, Condition, Document, Effect, List, Operator, Principal, PrincipalKind, Principals, Statement, Text,
    Version,
};

/// Reads the document of a file: YAML where its name ends in `.yaml` or `.yml`, else strict JSON.
///
/// # Errors
/// Every mistake found, each with its place.
pub fn read(file: &str, text: &str) -> Result<Document, Vec<Problem>> {
    let mut problems = Problems::of(file);
    let suffix = std::path::Path::new(file).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    let node = match suffix {
        "yaml" | "yml" => yaml::parse(text, &mut problems),
        _ => json::parse(text, &mut problems),
    };
    finish(node.as_ref(), problems)
}

/// Reads a document that came as JSON from elsewhere; `name` stands where a file's name would.
///
/// # Errors
/// Every mistake found, each with its place.
pub fn read_json(name: &str, text: &str) -> Result<Document, Vec<Problem>> {
    let mut problems = Problems::of(name);
    let node = json::parse(text, &mut problems);
    finish(node.as_ref(), problems)
}

/// Reads a document whose text has been read already.
///
/// # Errors
/// Every mistake found, each with its place.
pub fn read_node(file: &str, node: &Node) -> Result<Document, Vec<Problem>> {
    finish(Some(node), Problems::of(file))
}

fn finish(node: Option<&Node>, mut problems: Problems<'_>) -> Result<Document, Vec<Problem>> {
    let document = node.and_then(|node| document(node, &mut problems));
    match document {
        Some(document) if problems.list.is_empty() => Ok(document),
        _ => Err(problems.list),
    }
}

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn document(node: &Node, problems: &mut Problems<'_>) -> Option<Document> {
    let (entries, missing) = elements(node, "a policy document", &DOCUMENT, &["Statement"], problems)?;
    let mut version = Version::default();
    let mut id = None;
    let mut statements = None;
    for entry in entries {
        match entry.key.as_str() {
            "Version" => match entry.value.text() {
                Some("2012-10-17") => version = Version::V2012,
                Some("2008-10-17") => version = Version::V2008,
                _ => problems.add(
                    entry.value.place,
                    format!("`Version` cannot be {}", entry.value.describe()),
                    Some("the language's current version is \"2012-10-17\"; it is not the policy's date".to_owned()),
                ),
            },
            "Id" => id = text(&entry.value, "`Id`", problems).map(|text| text.value),
            "Statement" => {
                statements = Some(match &entry.value.kind {
                    Kind::List(items) => items.iter().filter_map(|item| statement(item, problems)).collect(),
                    _ => statement(&entry.value, problems).into_iter().collect(),
                });
            }
            _ => {}
        }
    }
    if missing.contains(&"Statement") {
        problems.add(node.place, "`Statement` is missing", Some("a policy is a list of statements".to_owned()));
    }
    Some(Document { version, id, statements: statements? })
}

fn statement(node: &Node, problems: &mut Problems<'_>) -> Option<Statement> {
    let (entries, missing) = elements(node, "a statement", &STATEMENT, &["Effect", "Action"], problems)?;
    let mut sid = None;
    let mut effect = None;
    let mut principals: Option<Principals> = None;
    let mut actions: Option<List> = None;
    let mut resources: Option<List> = None;
    let mut conditions = Vec::new();
    for entry in entries {
        match entry.key.as_str() {
            "Sid" => sid = text(&entry.value, "`Sid`", problems),
            "Effect" => effect = self::effect(&entry.value, problems),
            "Principal" | "NotPrincipal" => {
                twice(principals.is_some(), entry, "Principal", problems);
                principals = self::principals(entry, problems);
            }
            "Action" | "NotAction" => {
                twice(actions.is_some(), entry, "Action", problems);
                actions = Some(list(entry, problems));
            }
            "Resource" | "NotResource" => {
                twice(resources.is_some(), entry, "Resource", problems);
                resources = Some(list(entry, problems));
            }
            "Condition" => conditions = self::conditions(&entry.value, problems),
            _ => {}
        }
    }
    if missing.contains(&"Effect") {
        problems.add(node.place, "`Effect` is missing in this statement", Some("`Allow` or `Deny`".to_owned()));
    }
    if missing.contains(&"Action") {
        let help = "a statement says `Action` or `NotAction`".to_owned();
        problems.add(node.place, "`Action` is missing in this statement", Some(help));
    }
    Some(Statement { place: node.place, sid, effect: effect?, principals, actions: actions?, resources, conditions })
}

/// The entries of a map that has only these keys, others are problems; and those of `required` that are to be told as
/// missing. A key that may stand for another has a `Not` before it.
fn elements<'n>(
    node: &'n Node,
    what: &str,
    known: &[&'static str],
    required: &[&'static str],
    problems: &mut Problems<'_>,
) -> Option<(&'n [Entry], Vec<&'static str>)> {
    let Kind::Map(entries) = &node.kind else {
        problems.add(node.place, format!("{what} must be a map, found {}", node.describe()), None);
        return None;
    };
    let is_there = |key: &str| entries.iter().any(|entry| entry.key.strip_prefix("Not").unwrap_or(&entry.key) == key);
    let lacking: Vec<&str> = required.iter().copied().filter(|key| !is_there(key)).collect();
    let Keys { unknown, missing } = keys(entries, known, &lacking);
    for (entry, help) in unknown {
        problems.add(entry.place, format!("{what} has no element {}", quote(&entry.key)), help);
    }
    Some((entries, missing))
}

/// Both forms of an element exclude each other.
fn twice(there: bool, entry: &Entry, element: &str, problems: &mut Problems<'_>) {
    if there {
        let message = format!("`{element}` and `Not{element}` cannot stand in one statement");
        problems.add(entry.place, message, Some("make two statements of it".to_owned()));
    }
}

fn effect(node: &Node, problems: &mut Problems<'_>) -> Option<Effect> {
    match node.text() {
        Some("Allow") => Some(Effect::Allow),
        Some("Deny") => Some(Effect::Deny),
        _ => {
            let help = "`Allow` or `Deny`, with a capital letter".to_owned();
            problems.add(node.place, format!("`Effect` cannot be {}", node.describe()), Some(help));
            None
        }
    }
}

/// A text. Only in conditions a number or a boolean counts as what it is written as.
fn text(node: &Node, what: &str, problems: &mut Problems<'_>) -> Option<Text> {
    let text = node.text().filter(|_| node.to_json().is_string());
    if text.is_none() {
        problems.add(node.place, format!("{what} must be a text in quotes, found {}", node.describe()), None);
    }
    text.map(|value| Text { value: value.to_owned(), place: node.place })
}

/// One text, or a list of texts.
fn texts(node: &Node, what: &str, problems: &mut Problems<'_>) -> Vec<Text> {
    match &node.kind {
        Kind::List(items) => items.iter().filter_map(|item| text(item, what, problems)).collect(),
        _ => text(node, what, problems).into_iter().collect(),
    }
}

fn list(entry: &Entry, problems: &mut Problems<'_>) -> List {
    let what = format!("`{}`", entry.key);
    let negated = entry.key.starts_with("Not");
    List { place: entry.place, negated, values: texts(&entry.value, &what, problems) }
}

fn principals(entry: &Entry, problems: &mut Problems<'_>) -> Option<Principals> {
    let negated = entry.key.starts_with("Not");
    let mut values = Vec::new();
    match &entry.value.kind {
        Kind::Map(kinds) => {
            for kind in kinds {
                let Some(known) = PrincipalKind::ALL.into_iter().find(|known| known.as_str() == kind.key) else {
                    let names = PrincipalKind::ALL.map(PrincipalKind::as_str);
                    let message = format!("no principal is named by {}", quote(&kind.key));
                    problems.add(kind.place, message, suggest(&kind.key, names));
                    continue;
                };
                let names = texts(&kind.value, &format!("`{}`", kind.key), problems);
                values.extend(names.into_iter().map(|value| Principal { kind: known, value }));
            }
        }
        _ if entry.value.text() == Some("*") => {
            let value = Text { value: "*".to_owned(), place: entry.value.place };
            values.push(Principal { kind: PrincipalKind::Aws, value });
        }
        _ => {
            problems.add(
                entry.value.place,
                format!("`{}` cannot be {}", entry.key, entry.value.describe()),
                Some("write \"*\", or a map such as {\"AWS\": \"111122223333\"}".to_owned()),
            );
            return None;
        }
    }
    Some(Principals { place: entry.place, negated, values })
}

fn conditions(node: &Node, problems: &mut Problems<'_>) -> Vec<Condition> {
    let Kind::Map(operators) = &node.kind else {
        let message = format!("`Condition` must be a map of operators, found {}", node.describe());
        problems.add(node.place, message, Some("{\"StringEquals\": {\"aws:RequestedRegion\": \"…\"}}".to_owned()));
        return Vec::new();
    };
    let mut conditions = Vec::new();
    for entry in operators {
        let operator: Operator = match entry.key.parse() {
            Ok(operator) => operator,
            Err(error) => {
                let names = Comparison::ALL.iter().map(|known| known.as_str());
                let bare = entry.key.rsplit(':').next().unwrap_or_default();
                problems.add(entry.place, error.to_string(), suggest(bare.trim_end_matches("IfExists"), names));
                continue;
            }
        };
        let Kind::Map(keys) = &entry.value.kind else {
            let message = format!("`{}` must be a map of condition keys, found {}", entry.key, entry.value.describe());
            problems.add(entry.value.place, message, None);
            continue;
        };
        conditions.extend(keys.iter().map(|key| Condition {
            operator,
            place: entry.place,
            key: Text { value: key.key.clone(), place: key.place },
            values: values(&key.value, &key.key, problems),
        }));
    }
    conditions
}

/// Texts, numbers and booleans; the last two as they are written.
fn values(node: &Node, key: &str, problems: &mut Problems<'_>) -> Vec<Text> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut values = Vec::new();
    for item in items {
        match &item.kind {
            Kind::Scalar { text, .. } if !item.is_null() => {
                let value = item.bool().map_or_else(|| text.clone(), |truth| truth.to_string());
                values.push(Text { value, place: item.place });
            }
            _ => {
                let message = format!("a value of {} must be a text, found {}", quote(key), item.describe());
                problems.add(item.place, message, None);
            }
        }
    }
    values
}
