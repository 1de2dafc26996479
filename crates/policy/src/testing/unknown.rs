//! Names in tests that AWS's reference does not know: a test about an action that does not exist passes as it pleases.

use std::collections::BTreeSet;

use dodai_document::{Problems, quote, suggest};
use dodai_facts::Problem;

use super::file::Tests;
use crate::reference::Reference;

/// A warning for each, once. Warnings, because AWS adds names every week.
pub(super) fn warnings(tests: &Tests) -> Vec<Problem> {
    let reference = Reference::embedded();
    let mut warnings = Problems::of(&tests.file);
    let mut seen = BTreeSet::new();
    for test in &tests.tests {
        for action in test.does.iter().filter(|action| reference.action(&action.value).is_none()) {
            if !seen.insert(action.value.to_ascii_lowercase()) {
                continue;
            }
            let (prefix, name) = action.value.split_once(':').unwrap_or_default();
            let (what, help) = match reference.service(prefix) {
                Some(service) => ("action", suggest(name, service.actions.iter().map(|action| action.name.as_str()))),
                None => ("service", suggest(prefix, reference.names().map(|(prefix, _)| prefix))),
            };
            let message = format!("as of {} AWS documents no {what} {}", reference.date(), quote(&action.value));
            warnings.add(action.place, message, help);
        }
        for (key, given) in test.when.iter().filter(|(key, _)| reference.key(key).is_none()) {
            if seen.insert(key.to_ascii_lowercase()) {
                let message = format!("as of {} AWS documents no condition key {}", reference.date(), quote(key));
                let help = suggest(key, reference.global_keys().iter().map(|key| key.name.as_str()));
                warnings.add(given.place, message, help);
            }
        }
    }
    warnings.list
}
