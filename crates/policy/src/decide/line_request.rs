//! The `request` of a line, straight to what the engine asks for: no tree in between, and no key twice.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::keys::Value;
use super::request::Texts;

/// Keys that a request has, or not many more.
const USUAL: usize = 16;

/// A `request` as it stands there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct AskedLine<'l> {
    #[serde(borrow)]
    principal: Cow<'l, str>,
    #[serde(borrow)]
    principal_type: Option<Text<'l>>,
    #[serde(borrow)]
    action: Cow<'l, str>,
    #[serde(borrow)]
    resource: Option<Text<'l>>,
    #[serde(borrow)]
    resources: Option<Vec<Text<'l>>>,
    #[serde(borrow)]
    resource_account: Option<Text<'l>>,
    #[serde(borrow, default)]
    context: Context<'l>,
}

/// A part of the line, where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

/// Condition keys with what is given of them. Whether one is there twice is found out when they are sorted.
#[derive(Default)]
struct Context<'l>(Vec<(Cow<'l, str>, Value<'l>)>);

/// Reads the text of `request`.
pub(super) fn read(text: &str) -> Result<AskedLine<'_>, String> {
    serde_json::from_str(text).map_err(|error| format!("request: {error}"))
}

/// Reads it from where it begins, and how long it is; None where it is none.
pub(super) fn read_ahead(rest: &str) -> Option<(AskedLine<'_>, usize)> {
    if !rest.starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter();
    let line = values.next()?.ok()?;
    Some((line, values.byte_offset()))
}

impl<'l> AskedLine<'l> {
    /// What the engine is asked.
    pub(super) fn asked(self, closed: bool) -> Result<Texts<'l>, String> {
        let resources = match (self.resource, self.resources) {
            (Some(_), Some(_)) => return Err("request: give `resource` or `resources`, not both".to_owned()),
            (Some(one), None) => vec![one.0],
            (None, several) => several.into_iter().flatten().map(|text| text.0).collect(),
        };
        Ok(Texts {
            principal: self.principal,
            principal_type: self.principal_type.map(|text| text.0),
            action: self.action,
            resources,
            resource_account: self.resource_account.map(|text| text.0),
            context: self.context.0,
            closed,
            organization: None,
        })
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for Context<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Context<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("condition keys with their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Context<'de>, A::Error> {
                let mut context = Vec::with_capacity(USUAL);
                while let Some((key, OfKey(value))) = map.next_entry::<Text<'de>, _>()? {
                    context.push((key.0, value));
                }
                Ok(Context(context))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

/// What is given of a key: a text, a list of texts, or null. Numbers and booleans are what they are written as.
struct OfKey<'l>(Value<'l>);

impl<'de: 'l, 'l> Deserialize<'de> for OfKey<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a list of texts, or null where the key is absent")
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::Absent)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::one(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::one(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value<'de>, E> {
        Ok(Value::one(if truth { "true" } else { "false" }))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::one(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::one(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::one(Json::from(number).to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
        let mut values: Vec<Cow<'de, str>> = Vec::new();
        while let Some(element) = list.next_element::<Json>()? {
            match element {
                Json::String(text) => values.push(text.into()),
                Json::Bool(_) | Json::Number(_) => values.push(element.to_string().into()),
                _ => return Err(A::Error::custom("a list has texts only")),
            }
        }
        Ok(Value::of(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(context: &str, expected: Result<&[(&str, Value<'_>)], &str>) {
        let text = format!(r#"{{"principal":"*","action":"a:b","context":{context}}}"#);
        let found = read(&text).and_then(|line| line.asked(false)).map(|asked| asked.context);
        let expected = expected.map(|keys| keys.iter().map(|(key, given)| (Cow::from(*key), given.clone())).collect());
        match (found, expected) {
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{context}"),
        }
    }

    #[test]
    fn keys_have_texts() {
        let several = |texts: &[&'static str]| Value::of(texts.iter().map(|text| Cow::from(*text)));
        check("{}", Ok(&[]));
        check(
            r#"{"a":"x","b":["x","y"],"c":null}"#,
            Ok(&[("a", Value::one("x")), ("b", several(&["x", "y"])), ("c", Value::Absent)]),
        );
        check(
            r#"{"a":10,"b":-1,"c":1.50,"d":[true]}"#,
            Ok(&[
                ("a", Value::one("10")),
                ("b", Value::one("-1")),
                ("c", Value::one("1.5")),
                ("d", Value::one("true")),
            ]),
        );
        check(r#"{"a":[]}"#, Ok(&[("a", several(&[]))]));
        check(r#"{"a":{}}"#, Err("expected a text, a list of texts, or null where the key is absent"));
        check(r#"{"a":[null]}"#, Err("a list has texts only"));
        check(r#"{"a":[["x"]]}"#, Err("a list has texts only"));
        check("[]", Err("expected condition keys with their values"));
    }
}
