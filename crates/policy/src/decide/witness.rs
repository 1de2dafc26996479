//! Resources to try: one for every combination of resource patterns that the policies can tell apart, so that a question
//! about a pattern is answered by deciding a few requests.

use std::collections::HashSet;

use super::arn::{Arn, ResourcePattern};
use super::automaton::{MOST_WORK, vectors};
use super::evaluate::{Policies, Selection};
use super::request::{Context, Keys, Request};
use crate::language::Version;

/// Resources that fit `asked` (an ARN with wildcards, or `*`), and whether these are all that `policies` can tell apart
/// for `action`. Where a fitting text is no ARN, `*` stands for it: an action that is on no resource.
pub fn witnesses(policies: &Policies, action: &str, asked: &str) -> (Vec<String>, bool) {
    let wanted = ResourcePattern::new(asked, Version::V2008);
    // What fits a pattern and is no ARN is another thing than an ARN that does.
    let arns = ResourcePattern::new("arn:*:*:*:*:*", Version::V2008);
    if !asked.contains(['*', '?']) {
        return (vec![asked.to_owned()], true);
    }
    let resource = Request::no_resource();
    let keys = Keys::default();
    let context = Context { keys: &keys, resource: &resource };
    let mut exact = true;
    let mut patterns = Vec::new();
    let mut seen = HashSet::new();
    let selection = Selection::new(policies, &action.to_ascii_lowercase());
    let named = selection.rules(policies).flat_map(|rule| rule.resources.iter().flatten());
    for pattern in [&wanted, &arns].into_iter().chain(named) {
        let Some((signs, known)) = pattern.signs(context).widest() else {
            exact = false;
            continue;
        };
        exact &= known;
        if seen.insert(signs.clone()) {
            patterns.push((signs, false));
        }
    }
    let mut work = MOST_WORK;
    let (texts, complete) = vectors(&patterns, &mut work);
    let mut fitting: Vec<String> = texts
        .into_iter()
        .map(|text| if matches!(Arn::new(&text), Arn::Parts { .. }) { text } else { "*".to_owned() })
        .filter(|text| wanted.matches(&Arn::new(text), context) == super::Truth::True)
        .collect();
    fitting.sort();
    fitting.dedup();
    (fitting, exact && complete)
}
