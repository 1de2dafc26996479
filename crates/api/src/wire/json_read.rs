//! JSON bodies of replies, in one pass: the model says what each value becomes while it is read, and no tree of the whole
//! body comes first.

use std::fmt;

use dodai_models::{Location, Member, Operation, Service, ShapeId, ShapeKind, Structure};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::slots::{Slots, place};
use super::value::{self, Mismatch, wire_name};
use super::{MAX_DEPTH, Reply, structure};

/// An awsJson reply: the body is the output.
pub(super) fn rpc_reply(service: &Service, operation: &Operation, reply: &Reply) -> Result<Value, Mismatch> {
    let Some(output) = operation.output.filter(|_| structure(service, operation.output).is_some()) else {
        return Ok(Value::Object(Map::new()));
    };
    if reply.body.is_empty() {
        // An operation with an output answers at least `{}`; silence must not read as an empty list.
        return if structure(service, Some(output)).is_some_and(|output| output.members.is_empty()) {
            Ok(Value::Object(Map::new()))
        } else {
            Err(Mismatch::new("the reply has no body"))
        };
    }
    read(service, output, None, &reply.body, false)
}

/// A body of this shape. `in_body`: only those of its members that stand in the body (restJson1).
pub(super) fn read(
    service: &Service,
    shape: ShapeId,
    member: Option<&Member>,
    body: &[u8],
    in_body: bool,
) -> Result<Value, Mismatch> {
    let mut state = State { service, slots: Slots::default(), mismatch: None };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let seed = Seed { state: &mut state, shape, member, in_body, depth: 0 };
    let value = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    match (value, state.mismatch) {
        (_, Some(mismatch)) => Err(mismatch),
        (Err(error), None) => Err(Mismatch::new(format!("the body is not JSON: {error}"))),
        (Ok(Some(value)), None) => Ok(value),
        (Ok(None), None) => Err(Mismatch::wrong_type("a value", &Value::Null)),
    }
}

/// What all values of a body share while it is read.
struct State<'m> {
    service: &'m Service,
    slots: Slots,
    /// What does not fit the model. `serde`'s errors cannot carry where it is.
    mismatch: Option<Mismatch>,
}

impl State<'_> {
    fn refuse<E: Error>(&mut self, mismatch: Mismatch) -> E {
        self.mismatch = Some(mismatch);
        E::custom("")
    }

    /// Where it is, seen from the structure, list or map around it.
    fn place(&mut self, around: impl FnOnce(Mismatch) -> Mismatch) {
        self.mismatch = self.mismatch.take().map(around);
    }
}

/// A value to be read; null is none.
struct Seed<'s, 'm> {
    state: &'s mut State<'m>,
    shape: ShapeId,
    member: Option<&'m Member>,
    in_body: bool,
    depth: usize,
}

impl<'m> Seed<'_, 'm> {
    fn within(&mut self, shape: ShapeId, member: Option<&'m Member>) -> Seed<'_, 'm> {
        Seed { state: self.state, shape, member, in_body: false, depth: self.depth + 1 }
    }

    fn kind<E: Error>(&mut self) -> Result<&'m ShapeKind, E> {
        if self.depth > MAX_DEPTH {
            return Err(self.state.refuse(Mismatch::new("nested too deeply")));
        }
        match value::shape(self.state.service, self.shape) {
            Ok(shape) => Ok(&shape.kind),
            Err(mismatch) => Err(self.state.refuse(mismatch)),
        }
    }

    /// A value that was read as it is.
    fn plain<E: Error>(mut self, value: Value) -> Result<Option<Value>, E> {
        let value = match self.kind()? {
            ShapeKind::Structure(structure) if structure.document => Ok(value),
            ShapeKind::Structure(_) | ShapeKind::Map { .. } => Err(Mismatch::wrong_type("an object", &value)),
            ShapeKind::List { .. } => Err(Mismatch::wrong_type("a list", &value)),
            _ => value::from_json(self.state.service, self.shape, self.member, value),
        };
        value.map(Some).map_err(|mismatch| self.state.refuse(mismatch))
    }

    fn members<'de, A: MapAccess<'de>>(mut self, structure: &'m Structure, mut map: A) -> Result<Value, A::Error> {
        let base = self.state.slots.open(structure);
        let mut before = 0;
        let in_body = self.in_body;
        while let Some(known) = map.next_key_seed(MemberName { members: &structure.members, before, in_body })? {
            let Some((index, member)) = known.and_then(|index| Some((index, structure.members.get(index)?))) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            before = index;
            match map.next_value_seed(self.within(member.shape, Some(member))) {
                Ok(value) => *self.state.slots.slot(base, index) = value,
                Err(error) => {
                    self.state.place(|mismatch| mismatch.under(&member.name));
                    return Err(error);
                }
            }
        }
        Ok(Value::Object(self.state.slots.close(base, structure)))
    }

    fn entries<'de, A: MapAccess<'de>>(mut self, target: &'m Member, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match map.next_value_seed(self.within(target.shape, Some(target))) {
                Ok(Some(value)) => {
                    entries.insert(key, value);
                }
                // Of an entry that stands there twice, the last one counts.
                Ok(None) => {
                    entries.swap_remove(&key);
                }
                Err(error) => {
                    self.state.place(|mismatch| mismatch.under(&key));
                    return Err(error);
                }
            }
        }
        Ok(Value::Object(entries))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Option<Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of the model's")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Value>, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<Value>, E> {
        self.plain(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<Value>, E> {
        self.plain(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<Value>, E> {
        self.plain(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Option<Value>, E> {
        self.plain(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Option<Value>, E> {
        self.plain(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Option<Value>, A::Error> {
        let ShapeKind::List { member, .. } = self.kind()? else {
            let value = serde::Deserialize::deserialize(SeqAccessDeserializer::new(list))?;
            return self.plain(value);
        };
        let mut items = Vec::new();
        loop {
            match list.next_element_seed(self.within(member.shape, Some(member))) {
                Ok(Some(item)) => items.push(item.unwrap_or_default()),
                Ok(None) => return Ok(Some(Value::Array(items))),
                Err(error) => {
                    self.state.place(|mismatch| mismatch.at(items.len()));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<Option<Value>, A::Error> {
        match self.kind()? {
            ShapeKind::Structure(structure) if !structure.document => self.members(structure, map).map(Some),
            ShapeKind::Map { value: target, .. } => self.entries(target, map).map(Some),
            _ => {
                let value = serde::Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                self.plain(value)
            }
        }
    }
}

/// The place of the member that a key names.
struct MemberName<'m> {
    members: &'m [Member],
    before: usize,
    in_body: bool,
}

impl<'de> DeserializeSeed<'de> for MemberName<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberName<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        place(self.members, self.before, |member| {
            Ok((!self.in_body || member.location == Location::Body) && wire_name(member) == name)
        })
    }
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;
    use serde_json::json;

    use super::*;

    fn check(service: &str, operation: &str, body: &str, expected: Result<Value, &str>) {
        let model = Models::embedded().service(service).unwrap();
        let output = model.operation(operation).unwrap().output.unwrap();
        let found = read(&model, output, None, body.as_bytes(), false).map_err(|mismatch| mismatch.to_string());
        match (found, expected) {
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{body}: {found}, not {expected}"),
            (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{body}"),
        }
    }

    #[test]
    fn members_come_in_the_models_order_and_the_last_one_counts() {
        let body =
            r#"{"NextToken":"t","Roots":{"x":[1]},"Accounts":[{"Name":"n","Id":"1","Arn":null}],"NextToken":"u"}"#;
        let expected = json!({"Accounts": [{"Id": "1", "Name": "n"}], "NextToken": "u"});
        check("organizations", "ListAccounts", body, Ok(expected.clone()));
        let model = Models::embedded().service("organizations").unwrap();
        let output = model.operation("ListAccounts").unwrap().output.unwrap();
        let found = read(&model, output, None, body.as_bytes(), false).unwrap();
        assert_eq!(found.to_string(), expected.to_string());
        check("organizations", "ListAccounts", r#"{"NextToken":"t","NextToken":null}"#, Ok(json!({})));
        check("guardduty", "GetDetector", r#"{"tags":{"a":"1","b":null,"a":"2"}}"#, Ok(json!({"Tags": {"a": "2"}})));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let check = |body: &str, expected: &str| check("organizations", "ListAccounts", body, Err(expected));
        check(r#"{"Accounts":[{"Id":"1"},{"Id":[2]}]}"#, "`Accounts[1].Id`: expected text, found a list");
        check(r#"{"Accounts":{}}"#, "`Accounts`: expected a list, found an object");
        check(r#"{"Accounts":[7]}"#, "`Accounts[0]`: expected an object, found a number");
        check("[]", "expected an object, found a list");
        check("null", "found null");
        check(r#"{"Accounts":[]"#, "the body is not JSON: EOF");
        check(r#"{"Accounts":[]} x"#, "the body is not JSON: trailing");
        check(r#"{"New":{"x":}}"#, "the body is not JSON: expected value");
        check("", "the body is not JSON");
    }
}
