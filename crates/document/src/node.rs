//! A document as its author wrote it: scalars as text, each with its place. YAML and JSON both become this.

use serde_json::{Map, Number, Value};

/// Where something stands in its file: line and column (in characters) from 1; 0 for the file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub const FILE: Self = Self { line: 0, column: 0 };
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `plain`: written without quotes, so that `true`, `null` and numbers are what they look like.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    /// In the author's order; no key twice.
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    /// The key's place.
    pub place: Place,
    pub value: Node,
}

impl Node {
    pub fn null(place: Place) -> Self {
        Self { place, kind: Kind::Scalar { text: String::new(), plain: true } }
    }

    /// What a scalar without quotes is, beyond text.
    fn plain(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Some("" | "~" | "null" | "Null" | "NULL"))
    }

    pub fn bool(&self) -> Option<bool> {
        match self.plain()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    pub fn integer(&self) -> Option<i64> {
        self.plain()?.parse().ok()
    }

    /// The scalar as written, unless it is a bare `null`, `true` or `false`.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() && self.bool().is_none() => Some(text),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key; a key without a value counts as left out.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value).filter(|node| !node.is_null())
    }

    /// The text at a key.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The texts of the list at a key.
    pub fn texts_at(&self, key: &str) -> Vec<String> {
        self.get(key).map(Node::texts).unwrap_or_default()
    }

    /// The texts of a list.
    pub fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(Node::text).map(str::to_owned).collect()
    }

    /// What a person would call it: `a list`.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            Kind::Scalar { text, plain: true } => crate::problems::quote(text),
            Kind::Scalar { text, plain: false } => format!("the text {}", crate::problems::quote(text)),
        }
    }

    /// The document as JSON: what is written without quotes and is a JSON literal is that literal.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => {
                let fields: Map<String, Value> =
                    entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect();
                Value::Object(fields)
            }
            Kind::Scalar { text, plain } => {
                if self.is_null() {
                    Value::Null
                } else if let Some(value) = self.bool() {
                    Value::Bool(value)
                } else if let Some(number) = plain.then(|| number(text)).flatten() {
                    Value::Number(number)
                } else {
                    Value::String(text.clone())
                }
            }
        }
    }
}

/// The number that a scalar without quotes is, by JSON's grammar.
pub fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}
