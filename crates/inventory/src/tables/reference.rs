//! How a table file names a value of the row, or of the place where it is read: a column (`Name`,
//! `KeyMetadata.Arn`), a text with columns in braces (`arn:{partition}:s3:::{Name}`; `{QueueUrl/}` is what follows the
//! column's last `/`), or several of these of which the first that is not null counts (`BucketRegion | region`).

use dodai_facts::Failure;
use serde_json::{Map, Value};

use super::path::{Found, Path};

/// Values that do not come from a row: where it is read. They hide a member of the same name.
pub(crate) const PLACE: [&str; 5] = ["account_id", "account_name", "region", "partition", "home_region"];

/// The prefix for the row of the step before, in `set`.
pub(crate) const PARENT: &str = "parent";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The value itself, whatever its type.
    Column(Named),
    /// Text; null when a part of it is null.
    Text(Vec<Part>),
    /// The first that is not null.
    First(Vec<Reference>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    Column(Named),
    /// What follows the last `/`.
    Last(Named),
}

/// A column and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) column: String,
    pub(crate) path: Path,
}

impl Reference {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.contains('|') {
            if text.split('|').any(|one| one.trim().is_empty()) {
                return Err(format!("`{text}` has nothing on one side of `|`"));
            }
            let each = text.split('|').map(|one| Self::parse(one.trim()));
            return Ok(Self::First(each.collect::<Result<_, _>>()?));
        }
        if !text.is_empty() && !text.contains(['{', '}']) {
            return named(text).map(Self::Column);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, inner)) = rest.split_once('{') {
            let Some((column, after)) = inner.split_once('}') else {
                return Err(format!("`{text}` has a `{{` without `}}`"));
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(match column.strip_suffix('/') {
                Some(column) => Part::Last(named(column)?),
                None => Part::Column(named(column)?),
            });
            rest = after;
        }
        if rest.contains('}') {
            return Err(format!("`{text}` has a `}}` without `{{`"));
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self::Text(parts))
    }

    /// Every column that it names.
    pub(crate) fn columns(&self) -> Vec<&Named> {
        match self {
            Self::Column(named) => vec![named],
            Self::Text(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Column(named) | Part::Last(named) => Some(named),
                    Part::Literal(_) => None,
                })
                .collect(),
            Self::First(each) => each.iter().flat_map(Self::columns).collect(),
        }
    }

    /// The value; null where a column is null. `lookup` gives a column's value or why it is not known.
    pub(crate) fn resolve(&self, lookup: &impl Fn(&str) -> Result<Value, Failure>) -> Result<Value, Failure> {
        match self {
            Self::Column(named) => value(named, lookup),
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    let (named, last) = match part {
                        Part::Literal(literal) => {
                            text.push_str(literal);
                            continue;
                        }
                        Part::Column(named) => (named, false),
                        Part::Last(named) => (named, true),
                    };
                    let value = match value(named, lookup)? {
                        Value::Null => return Ok(Value::Null),
                        Value::String(value) => value,
                        other => other.to_string(),
                    };
                    text.push_str(if last { value.rsplit('/').next().unwrap_or_default() } else { &value });
                }
                Ok(Value::String(text))
            }
            Self::First(each) => {
                for one in each {
                    let value = one.resolve(lookup)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Value::Null)
            }
        }
    }
}

/// Parameters of a call: a tree whose texts are references.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Params {
    Value(Reference),
    List(Vec<Params>),
    Object(Vec<(String, Params)>),
}

impl Params {
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Value(Reference::parse(text)?),
            Value::Array(items) => Self::List(items.iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(fields) => Self::Object(
                fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::parse(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            other => return Err(format!("`{other}` is not the name of a column; constants belong under `fixed`")),
        })
    }

    pub(crate) fn columns(&self) -> Vec<&Named> {
        match self {
            Self::Value(reference) => reference.columns(),
            Self::List(items) => items.iter().flat_map(Self::columns).collect(),
            Self::Object(fields) => fields.iter().flat_map(|(_, value)| value.columns()).collect(),
        }
    }

    /// The parameters; none where a column among them is null.
    pub(crate) fn resolve(&self, lookup: &impl Fn(&str) -> Result<Value, Failure>) -> Result<Option<Value>, Failure> {
        Ok(Some(match self {
            Self::Value(reference) => match reference.resolve(lookup)? {
                Value::Null => return Ok(None),
                value => value,
            },
            Self::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    let Some(value) = item.resolve(lookup)? else { return Ok(None) };
                    values.push(value);
                }
                Value::Array(values)
            }
            Self::Object(fields) => {
                let mut values = Map::new();
                for (name, field) in fields {
                    let Some(value) = field.resolve(lookup)? else { return Ok(None) };
                    values.insert(name.clone(), value);
                }
                Value::Object(values)
            }
        }))
    }
}

fn named(text: &str) -> Result<Named, String> {
    let path = Path::parse(text)?;
    match path.split_first() {
        Some((PARENT, rest)) => match rest.split_first() {
            Some((column, rest)) => Ok(Named { column: format!("{PARENT}.{column}"), path: rest }),
            None => Err(format!("`{text}` names no column; write `parent.<column>`")),
        },
        Some((column, rest)) => Ok(Named { column: column.to_owned(), path: rest }),
        None => Err("a name of a column is missing".to_owned()),
    }
}

fn value(named: &Named, lookup: &impl Fn(&str) -> Result<Value, Failure>) -> Result<Value, Failure> {
    let column = lookup(&named.column)?;
    if named.path.is_empty() {
        return Ok(column);
    }
    Ok(match named.path.get(&column) {
        Found::One(value) => value.cloned().unwrap_or(Value::Null),
        Found::Many(values) => values.into_iter().cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the form that `resolve` asks for")]
    fn lookup(column: &str) -> Result<Value, Failure> {
        Ok(match column {
            "Name" => json!("logs"),
            "Size" => json!(3),
            "Url" => json!("https://sqs.us-east-1.amazonaws.com/111122223333/q-1"),
            "Key" => json!({"Arn": "arn:aws:kms:…"}),
            "parent.path" => json!("Default"),
            _ => Value::Null,
        })
    }

    #[test]
    fn references_resolve() {
        for (text, expected) in [
            ("Name", json!("logs")),
            ("Size", json!(3)),
            ("Key.Arn", json!("arn:aws:kms:…")),
            ("{parent.path}/{Name}", json!("Default/logs")),
            ("{Name}-{Size}", json!("logs-3")),
            ("{Name}{Missing}", json!(null)),
            ("{Url/}:{Name/}", json!("q-1:logs")),
            ("{Missing/}", json!(null)),
            ("Missing", json!(null)),
            ("Missing | Other | Name", json!("logs")),
            ("Name | Size", json!("logs")),
            ("", json!("")),
        ] {
            assert_eq!(Reference::parse(text).unwrap().resolve(&lookup).unwrap(), expected, "{text}");
        }
        for wrong in ["{Name", "Name}", "{}", "{/}", "parent", "{parent}", "a b", "Name |", "| Name"] {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parameters_are_a_tree_of_references() {
        let check = |params: Value, expected: Option<Value>| {
            assert_eq!(Params::parse(&params).unwrap().resolve(&lookup).unwrap(), expected, "{params}");
        };
        check(json!({"Ids": ["Name", "Key.Arn"]}), Some(json!({"Ids": ["logs", "arn:aws:kms:…"]})));
        check(json!({"Filters": [{"Values": ["Missing"]}]}), None);
        check(json!({}), Some(json!({})));
        assert!(Params::parse(&json!({"Limit": 3})).is_err());
    }
}
