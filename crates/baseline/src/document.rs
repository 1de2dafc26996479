//! Policy documents that several hands write: our statements are put in by their Sid, foreign ones stay.

use serde_json::{Map, Value, json};

use crate::SettingChange;

/// Statements whose Sid begins so are ours: one that is not wanted any more is taken out.
const OURS: &str = "Dodai";

/// A document that differs from the one that is there, and in which statements.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rewritten {
    pub(crate) document: Value,
    pub(crate) differences: Vec<SettingChange>,
}

/// The document with our statements in it, those of ours that are not wanted any more taken out; none where
/// it is so already. What stands under one of our Sids and differs is replaced.
pub(crate) fn with_statements(existing: Option<&Value>, ours: &[Value]) -> Option<Rewritten> {
    let mut statements = statements_of(existing);
    let mut differences = Vec::new();
    statements.retain(|there| {
        let sid = there.get("Sid").and_then(Value::as_str).unwrap_or_default();
        let stays = !sid.starts_with(OURS) || ours.iter().any(|statement| statement.get("Sid") == there.get("Sid"));
        if !stays {
            differences.push(difference(Some(there), None));
        }
        stays
    });
    for statement in ours {
        match statements.iter_mut().find(|existing| existing.get("Sid") == statement.get("Sid")) {
            Some(there) if is_same(there, statement) => {}
            Some(there) => {
                differences.push(difference(Some(there), Some(statement)));
                *there = statement.clone();
            }
            None => {
                differences.push(difference(None, Some(statement)));
                statements.push(statement.clone());
            }
        }
    }
    if differences.is_empty() {
        return None;
    }
    let mut document = existing.and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    document.entry("Version").or_insert_with(|| json!("2012-10-17"));
    document.insert("Statement".to_owned(), Value::Array(statements));
    Some(Rewritten { document: Value::Object(document), differences })
}

/// The statements of a policy document: a list, or one alone.
pub(crate) fn statements_of(document: Option<&Value>) -> Vec<Value> {
    match document.and_then(|document| document.get("Statement")) {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// One statement before and after, in a few words; in full where the words do not tell them apart.
fn difference(before: Option<&Value>, after: Option<&Value>) -> SettingChange {
    let sid = before.or(after).and_then(|statement| statement.get("Sid")).and_then(Value::as_str).unwrap_or_default();
    let words = |statement: Option<&Value>| statement.map_or(Value::Null, |statement| json!(in_words(statement)));
    let whole = |statement: Option<&Value>| statement.cloned().unwrap_or(Value::Null);
    let (short_before, short_after) = (words(before), words(after));
    let (before, after) =
        if short_before == short_after { (whole(before), whole(after)) } else { (short_before, short_after) };
    SettingChange { name: format!("policy statement {sid}"), before, after }
}

/// A document that is ours alone, if it differs: its statements in a few words; the documents in full where the words do
/// not tell them apart.
pub(crate) fn replaced(name: &str, before: Option<&Value>, after: &Value) -> Option<SettingChange> {
    let words = |document: &Value| {
        let statements = statements_of(Some(document));
        json!(statements.iter().map(in_words).collect::<Vec<_>>().join("; "))
    };
    let change = |before: Value, after: Value| SettingChange { name: name.to_owned(), before, after };
    let Some(before) = before else { return Some(change(Value::Null, words(after))) };
    if is_same(before, after) {
        return None;
    }
    let (short_before, short_after) = (words(before), words(after));
    Some(if short_before == short_after {
        change(before.clone(), after.clone())
    } else {
        change(short_before, short_after)
    })
}

/// `Allow cloudtrail.amazonaws.com: s3:GetBucketAcl`; without principals `Allow s3:GetBucketAcl`
fn in_words(statement: &Value) -> String {
    let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or("?");
    let words = |names: [&str; 2]| {
        let mut found = Vec::new();
        for name in names {
            if let Some(value) = statement.get(name) {
                let before = found.len();
                texts(value, &mut found);
                if name.starts_with("Not") && found.len() > before {
                    found.insert(before, "all but".to_owned());
                }
            }
        }
        found.join(", ").replace("all but, ", "all but ")
    };
    let (principals, actions) = (words(["Principal", "NotPrincipal"]), words(["Action", "NotAction"]));
    if principals.is_empty() { format!("{effect} {actions}") } else { format!("{effect} {principals}: {actions}") }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

/// A policy document that AWS gives as text. What is not a JSON object is no document: the caller must not write.
pub(crate) fn parse(text: &Value) -> Result<Value, String> {
    let document = match text {
        Value::String(text) => serde_json::from_str(text).map_err(|error| error.to_string())?,
        other => other.clone(),
    };
    if document.is_object() { Ok(document) } else { Err("it is not a JSON object".to_owned()) }
}

/// Where two documents differ, as deep as that can be said: `Statement.DenyLeaving.Action`. Statements go by their Sid, else
/// by their place, counted from 1.
pub(crate) fn compare(before: &Value, after: &Value) -> Vec<SettingChange> {
    let mut found = Vec::new();
    compare_at("", before, after, &mut found);
    found
}

fn compare_at(path: &str, before: &Value, after: &Value, found: &mut Vec<SettingChange>) {
    if is_same(before, after) {
        return;
    }
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (members(before), members(after)) {
        (Some(left), Some(right)) => {
            let names = left.iter().chain(right.iter().filter(|(name, _)| !has(&left, name))).map(|(name, _)| name);
            for name in names {
                let of = |members: &[(String, Value)]| {
                    members.iter().find(|(other, _)| other == name).map_or(Value::Null, |(_, value)| value.clone())
                };
                compare_at(&at(name), &of(&left), &of(&right), found);
            }
        }
        _ => found.push(SettingChange { name: path.to_owned(), before: before.clone(), after: after.clone() }),
    }
}

fn has(members: &[(String, Value)], name: &str) -> bool {
    members.iter().any(|(other, _)| other == name)
}

/// What a value consists of, by name; none for what is one value: texts, and lists of them.
fn members(value: &Value) -> Option<Vec<(String, Value)>> {
    match value {
        Value::Object(fields) => Some(fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect()),
        Value::Array(items) if items.iter().any(Value::is_object) => Some(
            items
                .iter()
                .enumerate()
                .map(|(place, item)| {
                    let sid = item.get("Sid").and_then(Value::as_str);
                    (sid.map_or_else(|| (place + 1).to_string(), str::to_owned), item.clone())
                })
                .collect(),
        ),
        _ => None,
    }
}

/// Equal as IAM reads them: one value is a list of one, the order of a list does not matter.
pub(crate) fn is_same(left: &Value, right: &Value) -> bool {
    canonical(left) == canonical(right)
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            items.sort_by_key(ToString::to_string);
            match items.len() {
                1 => items.swap_remove(0),
                _ => Value::Array(items),
            }
        }
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> =
                fields.iter().map(|(name, value)| (name.clone(), canonical(value))).collect();
            fields.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(fields.into_iter().collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_statements_go_in_and_foreign_ones_stay() {
        let foreign = json!({"Sid": "Theirs", "Effect": "Allow"});
        let ours = json!({"Sid": "DodaiOwn", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"]});
        let old = json!({"Sid": "DodaiOwn", "Effect": "Allow", "Principal": "*", "Action": "s3:*"});
        let existing = json!({"Version": "2012-10-17", "Id": "kept", "Statement": [foreign, old]});
        let written = with_statements(Some(&existing), std::slice::from_ref(&ours)).unwrap();
        assert_eq!(written.document, json!({"Version": "2012-10-17", "Id": "kept", "Statement": [foreign, ours]}));
        let difference = SettingChange {
            name: "policy statement DodaiOwn".to_owned(),
            before: json!("Allow *: s3:*"),
            after: json!("Deny *: s3:*"),
        };
        assert_eq!(written.differences, [difference]);
        assert_eq!(with_statements(Some(&written.document), &[ours]), None);
    }

    #[test]
    fn a_statement_of_ours_that_is_not_wanted_is_taken_out() {
        let read =
            json!({"Sid": "DodaiRead", "Effect": "Allow", "Principal": {"AWS": ["a", "b"]}, "NotAction": "s3:*"});
        let existing = json!({"Version": "2012-10-17", "Statement": read});
        let written = with_statements(Some(&existing), &[]).unwrap();
        assert_eq!(written.document["Statement"], json!([]));
        assert_eq!(written.differences[0].before, json!("Allow a, b: all but s3:*"));
        assert_eq!(written.differences[0].after, Value::Null);
    }

    #[test]
    fn what_words_do_not_tell_apart_is_shown_in_full() {
        let there = json!({"Sid": "DodaiRead", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "a"});
        let ours = json!({"Sid": "DodaiRead", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "b"});
        let existing = json!({"Statement": [there]});
        let written = with_statements(Some(&existing), std::slice::from_ref(&ours)).unwrap();
        assert_eq!((&written.differences[0].before, &written.differences[0].after), (&there, &ours));
    }

    #[test]
    fn one_value_is_a_list_of_one_and_order_does_not_matter() {
        let there =
            json!({"Version": "2012-10-17", "Statement": {"Sid": "Ours", "Action": "s3:*", "Resource": ["a", "b"]}});
        let ours = json!({"Sid": "Ours", "Action": ["s3:*"], "Resource": ["b", "a"]});
        assert_eq!(with_statements(Some(&there), &[ours]), None);
    }

    #[test]
    fn documents_are_compared_where_they_differ() {
        let before = json!({"Version": "1", "Statement": [{"Sid": "A", "Action": ["x", "y"]}, {"Effect": "Deny"}]});
        let after = json!({"Version": "1", "Statement": [{"Sid": "A", "Action": ["y"]}, {"Effect": "Allow"}]});
        let found: Vec<_> = compare(&before, &after).into_iter().map(|it| (it.name, it.before, it.after)).collect();
        let expected = [
            ("Statement.A.Action".to_owned(), json!(["x", "y"]), json!(["y"])),
            ("Statement.2.Effect".to_owned(), json!("Deny"), json!("Allow")),
        ];
        assert_eq!(found, expected);
        let reordered = json!({"Version": "1", "Statement": [{"Sid": "A", "Action": ["y", "x"]}, {"Effect": "Deny"}]});
        assert_eq!(compare(&before, &reordered), []);
    }

    #[test]
    fn a_document_of_ours_alone_is_replaced_whole() {
        let ours =
            json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "a"}, "Action": "sts:AssumeRole"}]});
        let wider = json!({"Statement": [ours["Statement"][0], {"Effect": "Allow", "Principal": "*", "Action": "*"}]});
        let other = json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": "a"}, "Action": "sts:AssumeRole"}});
        let found = |before: Option<&Value>| replaced("trust", before, &ours).map(|it| (it.before, it.after));
        let words = json!("Allow a: sts:AssumeRole");
        assert_eq!(found(None), Some((Value::Null, words.clone())));
        assert_eq!(found(Some(&wider)), Some((json!("Allow a: sts:AssumeRole; Allow *: *"), words)));
        assert_eq!(found(Some(&other)), Some((other.clone(), ours.clone())));
        assert_eq!(found(Some(&json!({"Statement": ours["Statement"][0]}))), None);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [json!("{"), json!("[]"), json!("1"), json!(1), json!([])] {
            assert!(parse(&text).is_err(), "{text}");
        }
        assert_eq!(parse(&json!("{\"Statement\": []}")), Ok(json!({"Statement": []})));
    }
}
