//! From a [`Document`] to JSON without a needless character: a list of one value is that value, and elements stand in
//! the order that AWS's examples have. Reading it back gives the same document, but for places.

use std::fmt::Write as _;

use super::{Condition, Document, List, Principal, PrincipalKind, Principals, Statement, Text, Version};

impl Document {
    /// The document as JSON in its shortest spelling. A document that names no version stays without one.
    pub fn to_json(&self) -> String {
        let mut json = String::from("{");
        if self.version == Version::V2012 {
            entry(&mut json, "Version", self.version.as_str());
        }
        if let Some(id) = &self.id {
            entry(&mut json, "Id", id);
        }
        key(&mut json, "Statement");
        many(&mut json, &self.statements, statement);
        json.push('}');
        json
    }
}

impl Statement {
    /// The statement as JSON in its shortest spelling.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        statement(&mut json, self);
        json
    }
}

fn statement(json: &mut String, statement: &Statement) {
    json.push('{');
    if let Some(sid) = &statement.sid {
        entry(json, "Sid", &sid.value);
    }
    entry(json, "Effect", statement.effect.as_str());
    if let Some(of) = &statement.principals {
        principals(json, of);
    }
    list(json, "Action", &statement.actions);
    if let Some(resources) = &statement.resources {
        list(json, "Resource", resources);
    }
    if !statement.conditions.is_empty() {
        key(json, "Condition");
        conditions(json, &statement.conditions);
    }
    json.push('}');
}

fn principals(json: &mut String, principals: &Principals) {
    key(json, if principals.negated { "NotPrincipal" } else { "Principal" });
    if let [Principal { kind: PrincipalKind::Aws, value }] = principals.values.as_slice()
        && value.value == "*"
    {
        quoted(json, "*");
        return;
    }
    json.push('{');
    let mut kinds: Vec<PrincipalKind> = Vec::new();
    for principal in &principals.values {
        if !kinds.contains(&principal.kind) {
            kinds.push(principal.kind);
        }
    }
    for kind in kinds {
        let values: Vec<&Text> = principals
            .values
            .iter()
            .filter(|principal| principal.kind == kind)
            .map(|principal| &principal.value)
            .collect();
        key(json, kind.as_str());
        many(json, &values, |json, text| quoted(json, &text.value));
    }
    json.push('}');
}

fn list(json: &mut String, element: &str, list: &List) {
    if list.negated {
        key(json, &format!("Not{element}"));
    } else {
        key(json, element);
    }
    many(json, &list.values, |json, text| quoted(json, &text.value));
}

/// Conditions of one operator stand in one map, at the place of the first. A key that is under an operator twice
/// (both must hold) goes into a second map of that operator, whose name is written in other letters: AWS compares
/// names of operators without regard to case, and JSON has no key twice.
fn conditions(json: &mut String, conditions: &[Condition]) {
    let mut maps: Vec<(String, Vec<&Condition>)> = Vec::new();
    for condition in conditions {
        let name = condition.operator.to_string();
        let same = |map: &&mut (String, Vec<&Condition>)| {
            map.0.eq_ignore_ascii_case(&name) && map.1.iter().all(|other| other.key.value != condition.key.value)
        };
        if let Some(map) = maps.iter_mut().find(same) {
            map.1.push(condition);
        } else {
            let before = maps.iter().filter(|map| map.0.eq_ignore_ascii_case(&name)).count();
            maps.push((spelling(&name, before), vec![condition]));
        }
    }
    json.push('{');
    for (name, members) in maps {
        key(json, &name);
        json.push('{');
        for condition in members {
            key(json, &condition.key.value);
            many(json, &condition.values, |json, text| quoted(json, &text.value));
        }
        json.push('}');
    }
    json.push('}');
}

/// The `number`th way to write a name in small and capital letters; its own is number 0.
fn spelling(name: &str, number: usize) -> String {
    let other = |letter: char| {
        if letter.is_ascii_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
    };
    let flips = |index: usize| u32::try_from(index).ok().and_then(|bit| number.checked_shr(bit)).unwrap_or(0) & 1 == 1;
    let mut index = 0;
    name.chars()
        .map(|letter| {
            if !letter.is_ascii_alphabetic() {
                return letter;
            }
            index += 1;
            if flips(index - 1) { other(letter) } else { letter }
        })
        .collect()
}

/// A comma where something stands before.
fn next(json: &mut String) {
    if !json.ends_with(['{', '[', ':']) && !json.is_empty() {
        json.push(',');
    }
}

fn key(json: &mut String, name: &str) {
    next(json);
    quoted(json, name);
    json.push(':');
}

fn entry(json: &mut String, name: &str, value: &str) {
    key(json, name);
    quoted(json, value);
}

fn many<T>(json: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    if let [item] = items {
        write(json, item);
        return;
    }
    json.push('[');
    for item in items {
        next(json);
        write(json, item);
    }
    json.push(']');
}

/// A JSON text; only what JSON forbids inside of quotes is escaped.
fn quoted(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Comparison, Effect, Operator, Quantifier, read_json};
    use super::*;
    use dodai_document::Place;

    fn check(text: &str, expected: &str) {
        let document = read_json("p.json", text).unwrap();
        assert_eq!(document.to_json(), expected);
        assert_eq!(read_json("p.json", expected).unwrap().to_json(), expected);
    }

    #[test]
    fn a_document_is_written_in_its_shortest_spelling() {
        check(r#"{"Statement": []}"#, r#"{"Statement":[]}"#);
        check(
            r#"{"Statement": [{"Resource": ["*"], "NotAction": ["a:B", "c:D"], "Principal": {"AWS": ["*"]}, "Effect": "Deny",
                "Sid": "Say \"no\"\u0001"}], "Id": "x", "Version": "2012-10-17"}"#,
            r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"Say \"no\"\u0001","Effect":"Deny","Principal":"*","NotAction":["a:B","c:D"],"Resource":"*"}}"#,
        );
        check(
            r#"{"Statement": {"Effect": "Allow", "Action": [], "NotPrincipal": {"AWS": ["1", "2"], "Service": ["s"]},
                "Condition": {"Bool": {"a": [true]}, "StringLike": {"x": ["y", "z"], "X": "y"}}}}"#,
            r#"{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":["1","2"],"Service":"s"},"Action":[],"Condition":{"Bool":{"a":"true"},"StringLike":{"x":["y","z"],"X":"y"}}}}"#,
        );
    }

    #[test]
    fn a_key_twice_under_an_operator_stays_twice() {
        check(
            r#"{"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"bool": {"k": true}, "BOOL": {"k": false}, "Bool": {"k": false}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"*","Condition":{"Bool":{"k":"true"},"bool":{"k":"false"},"BOol":{"k":"false"}}}}"#,
        );
    }

    fn texts() -> impl Strategy<Value = Vec<Text>> {
        prop::collection::vec("[a-c*?${}\"\\\\\n\u{1f}é]{0,4}", 0..3)
            .prop_map(|values| values.into_iter().map(|value| Text { value, place: Place::FILE }).collect())
    }

    fn lists() -> impl Strategy<Value = List> {
        (any::<bool>(), texts()).prop_map(|(negated, values)| List { place: Place::FILE, negated, values })
    }

    fn any_principals() -> impl Strategy<Value = Principals> {
        (any::<bool>(), texts(), texts()).prop_map(|(negated, aws, services)| Principals {
            place: Place::FILE,
            negated,
            values: aws
                .into_iter()
                .map(|value| Principal { kind: PrincipalKind::Aws, value })
                .chain(services.into_iter().map(|value| Principal { kind: PrincipalKind::Service, value }))
                .collect(),
        })
    }

    fn any_conditions() -> impl Strategy<Value = Vec<Condition>> {
        let one = (0..Comparison::ALL.len(), 0..3_u8, any::<bool>(), "[kK]", texts()).prop_map(
            |(comparison, quantifier, if_exists, key, values)| {
                let comparison = Comparison::ALL[comparison];
                let plain = comparison == Comparison::Null;
                let quantifier = [None, Some(Quantifier::All), Some(Quantifier::Any)][usize::from(quantifier)];
                let operator =
                    Operator { quantifier: quantifier.filter(|_| !plain), comparison, if_exists: if_exists && !plain };
                Condition { operator, place: Place::FILE, key: Text { value: key, place: Place::FILE }, values }
            },
        );
        prop::collection::vec(one, 0..3).prop_map(|mut conditions| {
            conditions.sort_by_key(|condition| condition.operator);
            conditions
        })
    }

    fn documents() -> impl Strategy<Value = Document> {
        let statement = (
            prop::option::of("[a-z]{0,3}"),
            any::<bool>(),
            prop::option::of(any_principals()),
            lists(),
            prop::option::of(lists()),
            any_conditions(),
        )
            .prop_map(|(sid, deny, principals, actions, resources, conditions)| Statement {
                place: Place::FILE,
                sid: sid.map(|value| Text { value, place: Place::FILE }),
                effect: if deny { Effect::Deny } else { Effect::Allow },
                principals,
                actions,
                resources,
                conditions,
            });
        (any::<bool>(), prop::option::of("[a-z]{0,3}"), prop::collection::vec(statement, 0..3)).prop_map(
            |(new, id, statements)| Document {
                version: if new { Version::V2012 } else { Version::V2008 },
                id,
                statements,
            },
        )
    }

    fn without_places(mut document: Document) -> Document {
        let place = |texts: &mut Vec<Text>| texts.iter_mut().for_each(|text| text.place = Place::FILE);
        for statement in &mut document.statements {
            statement.place = Place::FILE;
            statement.sid.iter_mut().for_each(|sid| sid.place = Place::FILE);
            for list in std::iter::once(&mut statement.actions).chain(&mut statement.resources) {
                list.place = Place::FILE;
                place(&mut list.values);
            }
            if let Some(principals) = &mut statement.principals {
                principals.place = Place::FILE;
                principals.values.iter_mut().for_each(|principal| principal.value.place = Place::FILE);
            }
            for condition in &mut statement.conditions {
                (condition.place, condition.key.place) = (Place::FILE, Place::FILE);
                place(&mut condition.values);
            }
        }
        document
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(document in documents()) {
            let json = document.to_json();
            let back = read_json("p.json", &json).map_err(|problems| TestCaseError::fail(format!("{json}: {problems:?}")))?;
            prop_assert_eq!(without_places(back), document, "{}", json);
        }
    }
}
