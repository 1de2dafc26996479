//! A saved plan against the one just made: what is still the same may run, in the new plan's words; what is
//! no longer so is refused, change by change, with what differs.

use std::collections::{BTreeMap, BTreeSet};

use dodai_baseline::{Action, Change, Plan};
use dodai_facts::{Call, Cell, Reference, ReferenceError};
use serde_json::Value;

use crate::Past;

/// A value in a difference is shown up to this many characters.
const SHOWN: usize = 200;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Those that may run, of the new plan.
    pub run: Vec<Change>,
    /// Ids of the saved plan that the new one has no more: nothing is left to do for them.
    pub done: Vec<String>,
    /// Those that the new plan could not plan, or leaves alone now: not run, and not known to be done.
    pub left: Vec<Left>,
    /// No longer the same: refused.
    pub different: Vec<Difference>,
    /// Ids that only the new plan has: not run, nobody has seen them.
    pub new: Vec<String>,
}

/// A change of the saved plan that was not planned again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub id: String,
    pub why: String,
}

/// A change that is no longer what the saved plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub id: String,
    /// One line for each setting, call or parameter that differs.
    pub what: Vec<String>,
}

impl Comparison {
    /// What must not run of the new plan, and why.
    pub fn withheld(&self) -> BTreeMap<String, String> {
        let different = self.different.iter().map(|difference| {
            (difference.id.clone(), format!("it is no longer what the saved plan says: {}", difference.what.join("; ")))
        });
        let new = self.new.iter().map(|id| (id.clone(), "it is not in the saved plan".to_owned()));
        different.chain(new).collect()
    }
}

/// Compares a saved plan with one made just now; `past` holds values that runs of the saved plan got.
pub fn compare(saved: &Plan, fresh: &Plan, past: &Past) -> Comparison {
    let fresh_ids: BTreeSet<&str> = fresh.changes.iter().map(|change| change.id.as_str()).collect();
    let saved_by_id: BTreeMap<&str, &Change> =
        saved.changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let mut comparison = Comparison::default();
    for change in &fresh.changes {
        let Some(before) = saved_by_id.get(change.id.as_str()) else {
            comparison.new.push(change.id.clone());
            continue;
        };
        let before = filled(before, &fresh_ids, past);
        if before.same_as(change) || is_rest_of(change, &before, past) {
            comparison.run.push(change.clone());
        } else {
            comparison.different.push(Difference { id: change.id.clone(), what: differences(&before, change) });
        }
    }
    for change in saved.changes.iter().filter(|change| !fresh_ids.contains(change.id.as_str())) {
        match why_left(change, fresh) {
            Some(why) => comparison.left.push(Left { id: change.id.clone(), why }),
            None => comparison.done.push(change.id.clone()),
        }
    }
    comparison
}

/// Why the new plan has nothing of a change, where that does not mean that it is done.
fn why_left(change: &Change, fresh: &Plan) -> Option<String> {
    let here = |account: &str, cell: &Cell, feature: &str| {
        account == change.account && *cell == change.cell && feature == change.feature
    };
    let blocked = fresh.blocked.iter().find(|block| here(&block.account, &block.cell, &block.feature));
    let skipped = fresh.skipped.iter().find(|skip| here(&skip.account, &skip.cell, &skip.feature));
    let due = fresh.due.iter().find(|due| due.account == change.account);
    blocked
        .map(|block| format!("it cannot be planned now: {}", block.failure))
        .or_else(|| skipped.map(|skip| skip.why.clone()))
        .or_else(|| due.map(|due| due.why.clone()))
}

/// The saved change with the values that an earlier run got in place of references to changes that are done
/// with; references to changes that are still planned stay.
fn filled(saved: &Change, fresh_ids: &BTreeSet<&str>, past: &Past) -> Change {
    let mut filled = saved.clone();
    let mut value_of = |reference: &Reference| {
        let known = past.value(reference).filter(|_| !fresh_ids.contains(reference.change.as_str()));
        Ok::<_, ReferenceError>(known.cloned().unwrap_or_else(|| reference.value()))
    };
    for call in &mut filled.calls {
        // What cannot be read as a reference stays, and differs from whatever is planned now.
        if let Ok(params) = Reference::fill(&call.params, &mut value_of) {
            call.params = params;
        }
        if let Some(find) = &mut call.find
            && let Ok(params) = Reference::fill(&find.params, &mut value_of)
        {
            find.params = params;
        }
    }
    filled
}

/// Whether the new change is what is left of the saved one: its last calls, the ones before having been done
/// by an earlier run (which makes what was a creation an update).
fn is_rest_of(fresh: &Change, saved: &Change, past: &Past) -> bool {
    let Some(begun) = saved.calls.len().checked_sub(fresh.calls.len()).filter(|begun| *begun > 0) else {
        return false;
    };
    let own_values = BTreeSet::new();
    let rest = filled(saved, &own_values, past);
    fresh.cell == saved.cell
        && fresh.feature == saved.feature
        && fresh.resource == saved.resource
        && (fresh.action == saved.action || (saved.action, fresh.action) == (Action::Create, Action::Update))
        && (0..begun).all(|call| past.is_done(&saved.id, call))
        && rest.calls.get(begun..).is_some_and(|calls| calls == fresh.calls)
}

/// What differs, as lines: the saved plan's first, then what it is now.
fn differences(saved: &Change, fresh: &Change) -> Vec<String> {
    let mut what = Vec::new();
    let mut say = |name: &str, saved: &str, fresh: &str| {
        if saved != fresh {
            what.push(format!("{name}: `{saved}` in the plan, `{fresh}` now"));
        }
    };
    say("cell", &saved.cell.to_string(), &fresh.cell.to_string());
    say("feature", &saved.feature, &fresh.feature);
    say("resource", &saved.resource, &fresh.resource);
    say("action", &saved.action.to_string(), &fresh.action.to_string());

    let names: BTreeSet<&str> =
        saved.settings.iter().chain(&fresh.settings).map(|setting| setting.name.as_str()).collect();
    for name in names {
        let setting = |change: &Change| {
            let found = change.settings.iter().find(|setting| setting.name == name);
            found.map_or_else(
                || "unchanged".to_owned(),
                |setting| format!("{} -> {}", shown(&setting.before), shown(&setting.after)),
            )
        };
        say(&format!("setting {name}"), &setting(saved), &setting(fresh));
    }

    for number in 0..saved.calls.len().max(fresh.calls.len()) {
        match (saved.calls.get(number), fresh.calls.get(number)) {
            (Some(saved), Some(fresh)) => call_differences(number, saved, fresh, &mut what),
            (Some(saved), None) => what.push(format!("call {}: {} is no longer needed", number + 1, saved.name())),
            (None, Some(fresh)) => what.push(format!("call {}: {} is new", number + 1, fresh.name())),
            (None, None) => {}
        }
    }
    what
}

fn call_differences(number: usize, saved: &Call, fresh: &Call, what: &mut Vec<String>) {
    let place = |call: &Call| format!("{} in {}/{}", call.name(), call.account, call.region);
    let number = number + 1;
    if place(saved) != place(fresh) {
        what.push(format!("call {number}: {} in the plan, {} now", place(saved), place(fresh)));
        return;
    }
    let name = format!("call {number} ({})", saved.name());
    value_differences(&name, "", &saved.params, &fresh.params, what);
    let terms = |call: &Call| serde_json::json!([call.until, call.not_yet, call.already, call.find]);
    if terms(saved) != terms(fresh) {
        what.push(format!("{name}: what it waits for, or how it is found again, is another"));
    }
}

fn value_differences(call: &str, path: &str, saved: &Value, fresh: &Value, what: &mut Vec<String>) {
    if saved == fresh {
        return;
    }
    let absent = Value::Null;
    match (saved, fresh) {
        (Value::Object(old), Value::Object(new)) if !old.contains_key("$ref") && !new.contains_key("$ref") => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let (old, new) = (old.get(name).unwrap_or(&absent), new.get(name).unwrap_or(&absent));
                value_differences(call, &inner, old, new, what);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                value_differences(call, &format!("{path}[{index}]"), old, new, what);
            }
        }
        _ => what.push(format!("{call}: {path} is `{}` in the plan, `{}` now", shown(saved), shown(fresh))),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
