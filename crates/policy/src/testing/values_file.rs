//! A file of tests beside a management policy (tag, backup, declarative …), as its author wrote it: which value the
//! effective policy of an account has somewhere.

use dodai_document::{Kind, Node, Place, Problems, quote, yaml};
use dodai_facts::Problem;
use serde_json::Value;

use super::file::{At, Check, known, name, not_empty, plain};

/// A file of tests.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueTests {
    pub file: String,
    pub tests: Vec<ValueTest>,
}

/// One test. Its accounts and pointers multiply out.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueTest {
    pub place: Place,
    pub name: String,
    /// Patterns of the directory's accounts. None: the policy beside the test is the only one.
    pub accounts: Option<Vec<At<String>>>,
    /// JSON pointers into the effective policy, `/tags/costcenter/tag_key`; the empty one is the whole.
    pub at: Vec<At<String>>,
    /// None: nothing is there.
    pub expect: Option<Value>,
}

const TEST: [&str; 4] = ["name", "account", "at", "expect"];

/// Reads a file of tests beside a management policy.
///
/// # Errors
/// Every mistake found, each with its place; also that there is no test.
pub fn read_values(file: &str, text: &str) -> Result<ValueTests, Vec<Problem>> {
    let mut problems = Problems::of(file);
    let node = yaml::parse(text, &mut problems);
    let tests = node.and_then(|node| tests(&node, &mut problems));
    match tests {
        Some(tests) if problems.list.is_empty() => Ok(ValueTests { file: file.to_owned(), tests }),
        _ => Err(problems.list),
    }
}

fn tests(node: &Node, problems: &mut Problems<'_>) -> Option<Vec<ValueTest>> {
    let lacking: &[&str] = if node.get("tests").is_none() { &["tests"] } else { &[] };
    let (_, missing) = known(node, "a file of tests of a management policy", &["tests"], lacking, problems)?;
    let help =
        || Some("a test has a `name`, `at` which pointer of the effective policy, and what to `expect`".to_owned());
    let items = match node.get("tests") {
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
    Some(items.iter().filter_map(|item| test(item, problems)).collect())
}

fn test(node: &Node, problems: &mut Problems<'_>) -> Option<ValueTest> {
    // Written as null it is there: nothing is expected.
    let expect = node.entries().iter().find(|entry| entry.key == "expect").map(|entry| &entry.value);
    let there = [("name", node.get("name").is_some()), ("expect", expect.is_some())];
    let lacking: Vec<&str> = there.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key).collect();
    let (_, missing) = known(node, "a test of a management policy", &TEST, &lacking, problems)?;
    for key in missing {
        problems.add(node.place, format!("`{key}` is missing in this test"), None);
    }
    let name = name(node, problems);
    let mut plain = |key: &str, check: Check| plain(node, key, check, problems);
    let accounts = plain("account", not_empty);
    let whole = || vec![At { value: String::new(), written: String::new(), place: node.place }];
    let at = plain("at", pointer).unwrap_or_else(whole);
    let expect = expect?;
    Some(ValueTest {
        place: node.get("name").map_or(node.place, |name| name.place),
        name: name?,
        accounts,
        at,
        expect: (!expect.is_null()).then(|| expect.to_json()),
    })
}

fn pointer(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.starts_with('/') {
        Ok(())
    } else {
        Err("a JSON pointer such as `/tags/costcenter/tag_key`; `dodai policy effective` shows them")
    }
}

/// As in a sentence: `"Cost"`, or that nothing is there.
pub(super) fn told(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| quote(&value.to_string()))
}
