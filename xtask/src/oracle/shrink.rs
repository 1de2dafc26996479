//! Cuts a case down while its difference stays unexplained.

use serde_json::Value;

use super::compare::{Comparer, Verdict};

/// Cases that are tried at a time.
const BATCH: usize = 64;

/// The smallest case that taking things away one by one leads to.
pub(super) fn shrink(case: &Value, comparer: &mut Comparer) -> Result<Value, String> {
    let mut small = case.clone();
    loop {
        let smaller = smaller(&small);
        let mut found = None;
        for batch in smaller.chunks(BATCH) {
            let outcomes = comparer.compare_all(batch)?;
            // An error on either side is another matter than a difference.
            let differs = outcomes.iter().position(|outcome| {
                outcome.verdict == Verdict::Unexplained && outcome.ours.is_ok() && outcome.theirs.is_ok()
            });
            if let Some(place) = differs {
                found = batch.get(place).cloned();
                break;
            }
        }
        match found {
            Some(found) => small = found,
            None => return Ok(small),
        }
    }
}

/// What a case consists of: the names of its members, operators and kinds of principals, without their values.
pub(super) fn outline(case: &Value) -> String {
    fn walk(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, names)),
            Value::Object(entries) => {
                for (name, below) in entries.iter().filter(|(name, _)| *name != "context") {
                    names.push(name.clone());
                    walk(below, names);
                }
            }
            _ => {}
        }
    }
    let mut names = Vec::new();
    walk(case, &mut names);
    names.sort();
    names.dedup();
    names.join(" ")
}

/// Every case that has one thing less, the largest cuts first.
fn smaller(case: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    removable(case, &mut String::new(), &mut places);
    places.sort_by_key(|place| place.matches('/').count());
    let mut cases: Vec<Value> = places.iter().filter_map(|place| without(case, place)).collect();
    cases.extend(simpler(case));
    cases
}

/// Pointers to what a case may go without.
fn removable(value: &Value, here: &mut String, places: &mut Vec<String>) {
    let length = here.len();
    match value {
        Value::Array(items) => {
            // A list of values keeps its last one; lists of policies and levels may become empty.
            let least = usize::from(items.iter().any(Value::is_string));
            for (at, item) in items.iter().enumerate() {
                here.push('/');
                here.push_str(&at.to_string());
                if items.len() > least {
                    places.push(here.clone());
                }
                removable(item, here, places);
                here.truncate(length);
            }
        }
        Value::Object(entries) => {
            let above = here.rsplit('/').next().unwrap_or_default().to_owned();
            for (name, below) in entries {
                here.push('/');
                here.push_str(&name.replace('~', "~0").replace('/', "~1"));
                let layer = length == 0 && !matches!(name.as_str(), "id" | "closed" | "request");
                let statement = matches!(name.as_str(), "Condition" | "Sid");
                let inside = above == "context" || here.contains("/Condition/");
                if layer || statement || inside && entries.len() > usize::from(above != "context") {
                    places.push(here.clone());
                }
                removable(below, here, places);
                here.truncate(length);
            }
        }
        _ => {}
    }
}

fn without(case: &Value, place: &str) -> Option<Value> {
    let mut case = case.clone();
    let (above, name) = place.rsplit_once('/')?;
    match case.pointer_mut(above)? {
        Value::Array(items) => drop(items.remove(name.parse().ok()?)),
        Value::Object(entries) => drop(entries.shift_remove(&name.replace("~1", "/").replace("~0", "~"))?),
        _ => return None,
    }
    Some(case)
}

/// The case with one of its elements' values at its plainest.
fn simpler(case: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    elements(case, &mut String::new(), &mut places);
    let plain = places.into_iter().filter_map(|(place, value)| {
        let mut case = case.clone();
        let element = case.pointer_mut(&place)?;
        if *element == value {
            return None;
        }
        *element = value;
        Some(case)
    });
    plain.collect()
}

fn elements(value: &Value, here: &mut String, places: &mut Vec<(String, Value)>) {
    let length = here.len();
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                here.push('/');
                here.push_str(&at.to_string());
                elements(item, here, places);
                here.truncate(length);
            }
        }
        Value::Object(entries) if length == 0 || !here.ends_with("/request") => {
            for (name, below) in entries {
                here.push('/');
                here.push_str(&name.replace('~', "~0").replace('/', "~1"));
                match name.as_str() {
                    "Action" | "Resource" => places.push((here.clone(), Value::from("*"))),
                    "Version" => places.push((here.clone(), Value::from("2012-10-17"))),
                    _ => elements(below, here, places),
                }
                here.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_part_can_go_but_what_a_case_needs() {
        let case = json!({
            "id": "1", "closed": true,
            "request": {"principal": "*", "action": "s3:GetObject", "context": {"a/b": "c"}},
            "identity": [{"Statement": [{
                "Effect": "Allow", "Action": ["a:b", "a:c"], "Resource": "r",
                "Condition": {"Bool": {"x": "true", "y": ["true", "false"]}}
            }]}]
        });
        let smaller = smaller(&case);
        assert!(smaller.iter().all(|other| other["id"] == "1" && other["request"]["principal"] == "*"));
        let has = |place: &str, value: Value| smaller.iter().any(|other| other.pointer(place) == Some(&value));
        assert!(has("/request/context", json!({})));
        assert!(has("/identity", json!([])));
        assert!(has("/identity/0/Statement", json!([])));
        assert!(has("/identity/0/Statement/0/Action", json!(["a:c"])));
        assert!(has("/identity/0/Statement/0/Action", json!("*")));
        assert!(has("/identity/0/Statement/0/Resource", json!("*")));
        assert!(has("/identity/0/Statement/0/Condition/Bool", json!({"x": "true"})));
        assert!(has("/identity/0/Statement/0/Condition/Bool/y", json!(["true"])));
        assert!(smaller.iter().any(|other| other.pointer("/identity/0/Statement/0/Condition").is_none()));
    }
}
