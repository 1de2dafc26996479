//! A file of tests as its author wrote it, read with every mistake at once.

use std::collections::BTreeMap;

use dodai_document::{Entry, Keys, Kind, Node, Place, Problems, keys, quote, suggest, yaml};
use dodai_facts::Problem;

use super::case::Expect;
use super::who::{FORMS, Who};
use crate::decide::Given;

/// A file of tests.
#[derive(Debug, Clone, PartialEq)]
pub struct Tests {
    pub file: String,
    /// What a guardrail of the library is expanded with.
    pub parameters: Vec<Entry>,
    /// The place of `parameters`, or of the file where it has none.
    pub parameters_place: Place,
    pub tests: Vec<Test>,
}

/// One test. Its lists multiply out.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub place: Place,
    pub name: String,
    /// Patterns of the directory's accounts. None: the test is about the policy beside it.
    pub accounts: Option<Vec<At<String>>>,
    pub who: Vec<At<Who>>,
    /// Actions.
    pub does: Vec<At<String>>,
    /// ARNs of resources, or `*`.
    pub on: Vec<At<String>>,
    /// `aws:RequestedRegion`. Empty: not given.
    pub regions: Vec<At<String>>,
    /// Condition keys as written.
    pub when: BTreeMap<String, At<Given>>,
    pub expect: Expect,
}

/// A value, as written, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    pub value: T,
    pub written: String,
    pub place: Place,
}

const FILE: [&str; 2] = ["parameters", "tests"];
const TEST: [&str; 8] = ["name", "who", "account", "does", "on", "in", "when", "expect"];
pub(super) const REGION: &str = "aws:RequestedRegion";

/// Reads a file of tests.
///
/// # Errors
/// Every mistake found, each with its place; also that there is no test.
pub fn read(file: &str, text: &str) -> Result<Tests, Vec<Problem>> {
    let mut problems = Problems::of(file);
    let node = yaml::parse(text, &mut problems);
    let tests = node.and_then(|node| tests(file, &node, &mut problems));
    match tests {
        Some(tests) if problems.list.is_empty() => Ok(tests),
        _ => Err(problems.list),
    }
}

fn tests(file: &str, node: &Node, problems: &mut Problems<'_>) -> Option<Tests> {
    let lacking: &[&str] = if node.get("tests").is_none() { &["tests"] } else { &[] };
    let (entries, missing) = known(node, "a file of tests", &FILE, lacking, problems)?;
    let parameters = entries.iter().find(|entry| entry.key == "parameters");
    if let Some(entry) = parameters.filter(|entry| !matches!(entry.value.kind, Kind::Map(_)) && !entry.value.is_null())
    {
        let message = format!("`parameters` is a map of values by name, found {}", entry.value.describe());
        problems.add(entry.value.place, message, None);
    }
    let help = || Some("a test has a `name`, `who` `does` what, and what to `expect`".to_owned());
    let listed = match node.get("tests") {
        Some(Node { kind: Kind::List(items), .. }) if !items.is_empty() => items,
        Some(Node { kind: Kind::List(_), place }) => {
            problems.add(*place, "`tests` is empty: nothing is tested", help());
            return None;
        }
        Some(other) => {
            problems.add(other.place, format!("`tests` is a list, found {}", other.describe()), help());
            return None;
        }
        None => {
            if !missing.is_empty() {
                problems.add(node.place, "`tests` is missing: nothing is tested", help());
            }
            return None;
        }
    };
    Some(Tests {
        file: file.to_owned(),
        parameters: parameters.map(|entry| entry.value.entries().to_vec()).unwrap_or_default(),
        parameters_place: parameters.map_or(Place::FILE, |entry| entry.place),
        tests: listed.iter().filter_map(|item| test(item, problems)).collect(),
    })
}

/// The entries of a map that has no other keys than those of `known`; and which of `lacking` are to be told as missing.
pub(super) fn known<'n>(
    node: &'n Node,
    what: &str,
    known: &[&'static str],
    lacking: &[&'static str],
    problems: &mut Problems<'_>,
) -> Option<(&'n [Entry], Vec<&'static str>)> {
    let Kind::Map(entries) = &node.kind else {
        problems.add(node.place, format!("{what} is a map, found {}", node.describe()), None);
        return None;
    };
    let Keys { unknown, missing } = keys(entries, known, lacking);
    for (entry, help) in unknown {
        problems.add(entry.place, format!("{what} has no {}", quote(&entry.key)), help);
    }
    Some((entries, missing))
}

fn test(node: &Node, problems: &mut Problems<'_>) -> Option<Test> {
    let lacking: Vec<&str> =
        ["name", "who", "does", "expect"].into_iter().filter(|key| node.get(key).is_none()).collect();
    let (_, missing) = known(node, "a test", &TEST, &lacking, problems)?;
    for key in missing {
        problems.add(node.place, format!("`{key}` is missing in this test"), None);
    }
    let name = name(node, problems);
    let mut plain = |key: &str, check: Check| plain(node, key, check, problems);
    let accounts = plain("account", not_empty);
    let does = plain("does", action);
    let on = plain("on", resource);
    let regions = plain("in", region);
    let who = node.get("who").map(|values| {
        let forms = || FORMS.map(|(form, _)| quote(form)).join(", ");
        let read = |text: &str| Who::parse(text).ok_or_else(|| Some(format!("who does it: {}", forms())));
        list(values, "who", read, problems)
    });
    let when = node.get("when").map(|node| when(node, problems)).unwrap_or_default();
    if let (Some(regions), Some((_, given))) =
        (node.get("in"), when.iter().find(|(key, _)| key.eq_ignore_ascii_case(REGION)))
    {
        let message = format!("the Region is given twice, by `in` (line {}) and here", regions.place.line);
        problems.add(given.place, message, None);
    }
    let expect = node.get("expect").and_then(|node| expect(node, problems));
    Some(Test {
        place: node.get("name").map_or(node.place, |name| name.place),
        name: name?,
        accounts,
        who: who?,
        does: does?,
        on: on.unwrap_or_default(),
        regions: regions.unwrap_or_default(),
        when,
        expect: expect?,
    })
}

fn expect(node: &Node, problems: &mut Problems<'_>) -> Option<Expect> {
    let expect = node.text().and_then(Expect::parse);
    if expect.is_none() {
        let help = suggest(node.text().unwrap_or_default(), Expect::ALL.map(Expect::as_str));
        problems.add(node.place, format!("no decision is {}", node.describe()), help);
    }
    expect
}

/// The name of a test.
pub(super) fn name(node: &Node, problems: &mut Problems<'_>) -> Option<String> {
    let given = node.get("name")?;
    let name = given.text().map(str::trim).filter(|name| !name.is_empty());
    if name.is_none() {
        problems.add(given.place, format!("`name` is a text, found {}", given.describe()), None);
    }
    name.map(str::to_owned)
}

/// Whether a text is of the right form; what would be.
pub(super) type Check = fn(&str) -> Result<(), &'static str>;

/// The texts under a key of a test, None where it is not there.
pub(super) fn plain(node: &Node, key: &str, check: Check, problems: &mut Problems<'_>) -> Option<Vec<At<String>>> {
    let read = |text: &str| check(text).map(|()| text.to_owned()).map_err(|help| Some(help.to_owned()));
    node.get(key).map(|values| list(values, key, read, problems))
}

/// One value, or a list of some.
pub(super) fn list<T>(
    node: &Node,
    key: &str,
    read: impl Fn(&str) -> Result<T, Option<String>>,
    problems: &mut Problems<'_>,
) -> Vec<At<T>> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if items.is_empty() {
        problems.add(node.place, format!("`{key}` is an empty list: nothing is tested"), None);
    }
    let mut values: Vec<At<T>> = Vec::with_capacity(items.len());
    for item in items {
        let Some(text) = item.text() else {
            problems.add(item.place, format!("a value of `{key}` is a text, found {}", item.describe()), None);
            continue;
        };
        match read(text) {
            Ok(value) => values.push(At { value, written: text.to_owned(), place: item.place }),
            Err(help) => problems.add(item.place, format!("`{key}` cannot be {}", quote(text)), help),
        }
    }
    values
}

pub(super) fn not_empty(text: &str) -> Result<(), &'static str> {
    if text.is_empty() { Err("an account's name, a unit's path, or a pattern over both") } else { Ok(()) }
}

fn action(text: &str) -> Result<(), &'static str> {
    match text.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() && !text.contains(['*', '?', ' ']) => Ok(()),
        _ => Err("one action, `service:Action`, without wildcards: a request does one thing"),
    }
}

fn resource(text: &str) -> Result<(), &'static str> {
    let is_arn = text.starts_with("arn:") && text.split(':').count() >= 6;
    if text == "*" || is_arn { Ok(()) } else { Err("the ARN of a resource, or `*` for an action that is on none") }
}

fn region(text: &str) -> Result<(), &'static str> {
    text.parse::<dodai_facts::Region>().map(|_| ()).map_err(|_| "a Region's code, such as `eu-west-1`")
}

/// The condition keys that are given: a value, several, or null for what is known to be absent.
fn when(node: &Node, problems: &mut Problems<'_>) -> BTreeMap<String, At<Given>> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`when` is a map of condition keys, found {}", node.describe());
        problems.add(node.place, message, None);
        return BTreeMap::new();
    };
    let mut when: BTreeMap<String, At<Given>> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for entry in entries {
        if !seen.insert(entry.key.to_ascii_lowercase()) {
            let message = format!("the condition key {} is given twice, in different case", quote(&entry.key));
            problems.add(entry.place, message, None);
            continue;
        }
        let given =
            if entry.value.is_null() { Some(Given::Absent) } else { values(entry, problems).map(Given::Values) };
        if let Some(value) = given {
            when.insert(entry.key.clone(), At { value, written: entry.key.clone(), place: entry.place });
        }
    }
    when
}

fn values(entry: &Entry, problems: &mut Problems<'_>) -> Option<Vec<String>> {
    let items = match &entry.value.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(&entry.value),
    };
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        match &item.kind {
            Kind::Scalar { text, .. } if !item.is_null() => {
                values.push(item.bool().map_or_else(|| text.clone(), |truth| truth.to_string()));
            }
            _ => {
                let message = format!("a value of {} is a text, found {}", quote(&entry.key), item.describe());
                problems.add(item.place, message, Some("null in place of the values: the key is absent".to_owned()));
                return None;
            }
        }
    }
    Some(values)
}
