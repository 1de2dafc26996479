//! The `request` of a line, straight to what the engine asks for: no tree in between, and no key twice.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::request::{Asked, Given};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AskedLine<'l> {
    #[serde(borrow)]
    principal: Cow<'l, str>,
    principal_type: Option<String>,
    action: String,
    resource: Option<String>,
    resources: Option<Vec<String>>,
    resource_account: Option<String>,
    #[serde(default)]
    context: Context,
}

#[derive(Default)]
struct Context(BTreeMap<String, Given>);

/// Reads the text of `request`.
pub(super) fn read(text: &str, closed: bool) -> Result<Asked, String> {
    let line: AskedLine<'_> = serde_json::from_str(text).map_err(|error| format!("request: {error}"))?;
    let resources = match (line.resource, line.resources) {
        (Some(_), Some(_)) => return Err("request: give `resource` or `resources`, not both".to_owned()),
        (Some(one), None) => vec![one],
        (None, several) => several.unwrap_or_default(),
    };
    Ok(Asked {
        principal: line.principal.into_owned(),
        principal_type: line.principal_type,
        action: line.action,
        resources,
        resource_account: line.resource_account,
        context: line.context.0,
        closed,
        organization: None,
    })
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Context;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("condition keys with their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Context, A::Error> {
                let mut context = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    let OfKey(given) = map.next_value()?;
                    if context.contains_key(&key) {
                        return Err(A::Error::custom(format_args!("the condition key `{key}` is given twice")));
                    }
                    context.insert(key, given);
                }
                Ok(Context(context))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

/// What is given of a key: a text, a list of texts, or null. Numbers and booleans are what they are written as.
struct OfKey(Given);

impl<'de> Deserialize<'de> for OfKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Given;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a list of texts, or null where the key is absent")
    }

    fn visit_unit<E: Error>(self) -> Result<Given, E> {
        Ok(Given::Absent)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Given, E> {
        Ok(Given::value(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Given, E> {
        Ok(Given::value(text))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Given, E> {
        Ok(Given::value(if truth { "true" } else { "false" }))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Given, E> {
        Ok(Given::value(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Given, E> {
        Ok(Given::value(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Given, E> {
        Ok(Given::value(Value::from(number).to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Given, A::Error> {
        let mut values = Vec::new();
        while let Some(element) = list.next_element::<Value>()? {
            match element {
                Value::String(text) => values.push(text),
                Value::Bool(_) | Value::Number(_) => values.push(element.to_string()),
                _ => return Err(A::Error::custom("a list has texts only")),
            }
        }
        Ok(Given::Values(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(context: &str, expected: Result<&[(&str, Given)], &str>) {
        let text = format!(r#"{{"principal":"*","action":"a:b","context":{context}}}"#);
        let found = read(&text, false).map(|asked| asked.context);
        let expected =
            expected.map(|keys| keys.iter().map(|(key, given)| ((*key).to_owned(), given.clone())).collect());
        match (found, expected) {
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{context}"),
        }
    }

    #[test]
    fn keys_have_texts() {
        let several = |texts: &[&str]| Given::Values(texts.iter().map(|text| (*text).to_owned()).collect());
        check("{}", Ok(&[]));
        check(
            r#"{"a":"x","b":["x","y"],"c":null}"#,
            Ok(&[("a", Given::value("x")), ("b", several(&["x", "y"])), ("c", Given::Absent)]),
        );
        check(
            r#"{"a":10,"b":-1,"c":1.50,"d":[true]}"#,
            Ok(&[
                ("a", Given::value("10")),
                ("b", Given::value("-1")),
                ("c", Given::value("1.5")),
                ("d", Given::value("true")),
            ]),
        );
        check(r#"{"a":[]}"#, Ok(&[("a", several(&[]))]));
        check(r#"{"a":1,"a":2}"#, Err("the condition key `a` is given twice"));
        check(r#"{"a":{}}"#, Err("expected a text, a list of texts, or null where the key is absent"));
        check(r#"{"a":[null]}"#, Err("a list has texts only"));
        check(r#"{"a":[["x"]]}"#, Err("a list has texts only"));
        check("[]", Err("expected condition keys with their values"));
    }
}
