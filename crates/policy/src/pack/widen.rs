//! Actions named by their beginnings: `guardduty:De*` instead of every action that begins so. It denies the same of what
//! AWS's reference knows, and more of what AWS adds later: only where asked.
//!
//! AWS: "SCP syntax", "RCP syntax" (a wildcard at the end is good in both).

use std::collections::BTreeMap;

use super::list::Set;
use crate::pattern::glob;

/// An action that AWS knows of.
struct Known<'n> {
    lower: String,
    name: &'n str,
    /// The set has it by its own name only.
    wanted: bool,
    /// The set has it, by name or pattern.
    allowed: bool,
}

/// The same actions, by the shortest beginnings that no other action of the service has. `known` gives the names of all
/// actions of a service, by its prefix. The set is not a `Not` form.
pub(super) fn widened<'n>(set: &Set, known: impl Fn(&str) -> Vec<&'n str>) -> Set {
    let mut services: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut values: Vec<String> = Vec::new();
    for value in &set.values {
        match value.split_once(':') {
            Some((service, name)) if !name.contains(['*', '?']) && !service.contains(['*', '?']) => {
                services.entry(service.to_ascii_lowercase()).or_default().push(name);
            }
            // A pattern is about actions that are not known, too.
            _ => values.push(value.clone()),
        }
    }
    let patterns: Vec<String> = values.iter().map(|value| value.to_ascii_lowercase()).collect();
    for (service, own) in services {
        let mut all: Vec<Known> = known(&service)
            .into_iter()
            .map(|name| {
                let lower = name.to_ascii_lowercase();
                let action = format!("{service}:{lower}");
                let by_pattern = patterns.iter().any(|pattern| glob(pattern, &action));
                let by_name = own.iter().any(|own| own.eq_ignore_ascii_case(name));
                Known { lower, name, wanted: by_name && !by_pattern, allowed: by_name || by_pattern }
            })
            .collect();
        all.sort_unstable_by(|left, right| left.lower.cmp(&right.lower));
        let mut beginning = Vec::new();
        beginnings(&all, 0, &mut beginning);
        let is_known = |name: &str| all.binary_search_by(|known| known.lower.as_str().cmp(name)).is_ok();
        let unknown = own.iter().filter(|name| !is_known(&name.to_ascii_lowercase())).map(|name| (*name).to_owned());
        values.extend(beginning.into_iter().chain(unknown).map(|name| format!("{service}:{name}")));
    }
    set.with(values)
}

/// `names`: sorted, all with the same first `depth` letters.
fn beginnings(names: &[Known<'_>], depth: usize, patterns: &mut Vec<String>) {
    let mut rest = names;
    while let Some(first) = rest.first() {
        let letter = first.lower.as_bytes().get(depth);
        let count = rest.iter().take_while(|other| other.lower.as_bytes().get(depth) == letter).count();
        let (group, after) = rest.split_at(count);
        rest = after;
        if !group.iter().any(|known| known.wanted) {
            continue;
        }
        // A name that ends here stands before all that go on.
        if letter.is_some() && !group.iter().all(|known| known.allowed) {
            beginnings(group, depth + 1, patterns);
            continue;
        }
        // Names are ASCII; where one were not, it stays whole.
        let cut = first
            .name
            .get(..=depth)
            .filter(|cut| letter.is_some() && (group.len() > 1 || cut.len() + 1 < first.name.len()));
        match cut {
            Some(cut) => patterns.push(format!("{cut}*")),
            None => patterns.extend(group.iter().map(|known| known.name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::Of;
    use super::*;
    use crate::language::{List, Text};
    use dodai_document::Place;

    fn check(actions: &[&str], expected: &[&str]) {
        let names = ["CreateKey", "CreateKeys", "DeleteAlias", "DeleteKey", "DisableKey", "Get", "GetKey", "ListKeys"];
        let values = actions.iter().map(|value| Text { value: (*value).to_owned(), place: Place::FILE }).collect();
        let set = Set::new(Of::Actions, &List { place: Place::FILE, negated: false, values });
        let widened = widened(&set, |service| if service == "kms" { names.to_vec() } else { Vec::new() });
        assert_eq!(widened.values, expected);
    }

    #[test]
    fn actions_are_named_by_beginnings_that_no_other_has() {
        check(&["kms:DeleteAlias", "kms:DeleteKey", "kms:DisableKey"], &["kms:D*"]);
        check(&["kms:DeleteAlias", "kms:DisableKey"], &["kms:DeleteA*", "kms:Di*"]);
        check(&["kms:CreateKey"], &["kms:CreateKey"]);
        check(&["kms:Get", "kms:ListKeys"], &["kms:Get", "kms:L*"]);
        check(&["kms:GetKey"], &["kms:GetK*"]);
        check(&["kms:New", "other:Any", "*:Tag"], &["*:Tag", "kms:New", "other:Any"]);
        check(&["kms:*Key", "kms:DeleteAlias"], &["kms:*Key", "kms:D*"]);
    }
}
