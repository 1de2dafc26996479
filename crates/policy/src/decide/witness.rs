//! Resources to try: one for every combination of resource patterns that the policies can tell apart, so that a question
//! about a pattern is answered by deciding a few requests.

use super::arn::{Arn, ArnPattern};
use super::automaton::vectors;
use super::evaluate::{Policies, Selection};
use super::request::{Context, Keys, Request};
use crate::language::Version;

/// Resources that fit `asked` (an ARN with wildcards, or `*`), and whether these are all that `policies` can tell apart
/// for `action`. Where a fitting text is no ARN, `*` stands for it: an action that is on no resource.
pub fn witnesses(policies: &Policies, action: &str, asked: &str) -> (Vec<String>, bool) {
    let wanted = ArnPattern::new(asked, Version::V2008);
    if !asked.contains(['*', '?']) {
        return (vec![asked.to_owned()], true);
    }
    let resource = Request::no_resource();
    let keys = Keys::default();
    let context = Context { keys: &keys, resource: &resource };
    let mut exact = true;
    let mut patterns = Vec::new();
    let selection = Selection::new(policies, &action.to_ascii_lowercase());
    let layers = selection.slots.iter().zip(policies.layers());
    let rules = layers.flat_map(|(slot, (_, policies))| {
        slot.rules.iter().filter_map(move |&(policy, rule)| policies.get(policy)?.rules.get(rule))
    });
    let named = rules.flat_map(|rule| rule.resources.iter().flatten());
    for pattern in std::iter::once(&wanted).chain(named) {
        match pattern.signs(context) {
            Some(signs) if patterns.iter().any(|(there, _)| *there == signs) => {}
            Some(signs) => patterns.push((signs, false)),
            None => exact = false,
        }
    }
    let (texts, complete) = vectors(&patterns);
    let mut fitting: Vec<String> = texts
        .into_iter()
        .map(|text| if matches!(Arn::new(&text), Arn::Parts(_)) { text } else { "*".to_owned() })
        .filter(|text| wanted.matches(&Arn::new(text), context) == super::Truth::True)
        .collect();
    fitting.sort();
    fitting.dedup();
    (fitting, exact && complete)
}
