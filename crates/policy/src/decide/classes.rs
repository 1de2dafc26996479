//! What conditions and resource elements can tell apart: one request's key or resource for every combination of them
//! that can hold together. Policy variables are taken as the text that they are written as; `open` takes them for what
//! they may stand for.

use std::collections::HashSet;

use super::arn::{Arn, ResourcePattern};
use super::automaton::{MOST_WORK, vectors};
use super::candidates::all;
use super::condition::Test;
use super::request::{Asked, Context, Given, Request, Value};
use super::truth::Truth;
use crate::language::{Condition, List, Version};
use crate::pattern::{Sign, signs};

/// Representatives, and for each what holds for it.
#[derive(Debug, Clone)]
pub(crate) struct Classes<T> {
    pub members: Vec<(T, Vec<bool>)>,
    /// Everything is like one of the members.
    pub exact: bool,
}

impl<T> Classes<T> {
    pub(super) fn new(exact: bool) -> Self {
        Self { members: Vec::new(), exact }
    }

    /// Adds a representative, unless it is like one that is there.
    pub(super) fn add(&mut self, seen: &mut HashSet<Vec<bool>>, member: T, holds: Vec<bool>) {
        if seen.insert(holds.clone()) {
            self.members.push((member, holds));
        }
    }
}

/// A request without any key, to hold representatives in.
fn empty() -> Option<Request<'static>> {
    let asked = Asked { principal: "*".to_owned(), action: "a:b".to_owned(), closed: true, ..Asked::default() };
    Request::new(asked).ok()
}

/// The states of one condition key that these conditions on it tell apart; its absence is the first.
pub(crate) fn of_key(conditions: &[&Condition]) -> Classes<Given> {
    let tests: Vec<Test> = conditions.iter().map(|condition| Test::new(condition, Version::V2008)).collect();
    let references: Vec<&Test> = tests.iter().collect();
    let mut request = empty();
    let (Some(first), Some(request)) = (tests.first(), &mut request) else { return Classes::new(false) };
    let Some(resource) = request.resources.first() else { return Classes::new(false) };
    let mut work = MOST_WORK;
    let candidates = all(&first.key, &references, false, &[Context { keys: &request.keys, resource }], &mut work);
    let mut classes = Classes::new(candidates.exact);
    let mut seen = HashSet::new();
    let mut keys = request.keys.clone();
    for value in candidates.values {
        keys.set(&first.key, value.clone());
        let context = Context { keys: &keys, resource };
        let holds = tests.iter().map(|test| test.holds(context) == Truth::True).collect();
        let given = match value {
            Value::Known(values) => Given::Values(values.iter().map(ToString::to_string).collect()),
            _ => Given::Absent,
        };
        classes.add(&mut seen, given, holds);
    }
    classes
}

/// The resources that these elements tell apart.
pub(crate) fn of_resources(lists: &[&List]) -> Classes<String> {
    let compile = |list: &&List| -> Vec<ResourcePattern> {
        list.values.iter().map(|text| ResourcePattern::new(&text.value, Version::V2008)).collect()
    };
    let elements: Vec<Vec<ResourcePattern>> = lists.iter().map(compile).collect();
    let request = empty();
    let Some((request, resource)) = request.as_ref().and_then(|request| Some((request, request.resources.first()?)))
    else {
        return Classes::new(false);
    };
    let context = Context { keys: &request.keys, resource };
    let (texts, complete) = arns(lists, &elements, context);
    let mut classes = Classes::new(complete);
    let mut seen = HashSet::new();
    for text in texts {
        let it = Arn::new(&text);
        let fits = |patterns: &Vec<ResourcePattern>| {
            patterns.iter().any(|pattern| pattern.matches(&it, context) == Truth::True)
        };
        let holds = elements.iter().zip(lists).map(|(patterns, list)| fits(patterns) != list.negated).collect();
        classes.add(&mut seen, text, holds);
    }
    classes
}

/// `*` and ARNs: one for every combination of the elements' patterns, and whether these are all. A variable that is not known
/// is `*` in its pattern.
pub(super) fn arns(lists: &[&List], elements: &[Vec<ResourcePattern>], context: Context<'_>) -> (Vec<String>, bool) {
    let widest = |pattern: &ResourcePattern| pattern.signs(context).widest().map(|(signs, _)| (signs, false));
    let mut patterns: Vec<(Vec<Sign>, bool)> = elements.iter().flatten().filter_map(widest).collect();
    // Only ARNs: what is none fits nothing but `*`, and stands first.
    patterns.extend(widest(&ResourcePattern::new("arn:*:*:*:*:*", Version::V2008)));
    let mut work = 16 * MOST_WORK;
    let (found, complete) = vectors(&patterns, &mut work);
    let mut texts = vec!["*".to_owned(), "arn:aws:example:us-east-1:111122223333:other".to_owned()];
    let values = lists.iter().flat_map(|list| &list.values);
    texts.extend(values.flat_map(|text| ["x", ""].map(|fill| text.value.replace(['*', '?'], fill))));
    texts.extend(found);
    texts.retain(|text| text == "*" || !matches!(Arn::new(text), Arn::Other));
    (texts, complete)
}

/// The actions that these patterns tell apart. Both are in lower case.
pub(crate) fn of_actions(patterns: &[&str]) -> (Vec<String>, bool) {
    // A service without a colon, a colon, and a name.
    let action = [Sign::OneWithin, Sign::RunWithin, Sign::One(':'), Sign::AnyOne, Sign::AnyRun];
    let own = patterns.iter().map(|pattern| (signs(pattern).collect(), false));
    let all: Vec<(Vec<Sign>, bool)> = own.chain([(action.to_vec(), false)]).collect();
    let mut work = MOST_WORK;
    let (texts, complete) = vectors(&all, &mut work);
    (texts.into_iter().filter(|text| is_action(text)).collect(), complete)
}

/// Whether a request can be for it.
pub(crate) fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
}
