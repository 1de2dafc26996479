//! What of an exchange is not written down: what the API model marks sensitive, members whose names say that they carry
//! secrets, and what looks like a secret in any text, also in JSON, percent-encoded and base64 text within texts.
//!
//! A secret becomes a mark: the same secret the same mark within one recording, so that a list's token still leads to its
//! next page. What is not text and sensitive becomes null. Redacting what was redacted changes nothing.

use std::cell::RefCell;

use dodai_models::{Service, ShapeId, ShapeKind};
use serde_json::{Map, Value};

use super::marks::{Marks, is_mark};
use super::names;
use super::patterns::{self, After};
use super::texts::Around;
use super::{echoes, texts};

/// Sensitive by the model, and kept: they say which account or key is meant, and the organization directory and the
/// tables (`keep:`) ask for them.
pub(super) const KEPT: &[(&str, &str)] = &[
    ("account", "EmailAddress"),
    ("account", "Name"),
    ("account", "PhoneNumber"),
    ("account", "Title"),
    ("organizations", "AccountName"),
    ("organizations", "CreateAccountName"),
    ("organizations", "Email"),
    ("s3", "SSEKMSKeyId"),
];

/// A text in which something was hidden is looked at again until nothing more is found; so often at most.
const AGAIN: u8 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Input,
    Output,
}

/// A service, and the name of one of its operations.
pub(super) type Of<'a> = Option<(&'a Service, &'a str)>;

type Shaped<'a> = Option<(&'a Service, ShapeId)>;

/// One recording's way of hiding.
#[derive(Debug, Clone)]
pub(super) struct Redaction {
    marks: Marks,
}

impl Default for Redaction {
    fn default() -> Self {
        Self { marks: Marks::Numbered(std::hash::RandomState::new()) }
    }
}

/// What was redacted, and what was taken out of it.
pub(super) struct Redacted {
    pub(super) value: Value,
    pub(super) secrets: Vec<String>,
}

impl Redaction {
    /// The same mark for all: for texts that are read outside of a recording.
    pub(super) const ALIKE: Self = Self { marks: Marks::Alike };

    pub(super) fn params(&self, of: Of<'_>, params: &Value) -> Redacted {
        let pass = self.pass();
        let value = pass.value(of, Side::Input, params);
        Redacted { value, secrets: pass.secrets.into_inner() }
    }

    pub(super) fn value(&self, of: Of<'_>, side: Side, value: &Value) -> Value {
        self.pass().value(of, side, value)
    }

    /// A text that no model describes: an error's message. `secrets` are those of the call.
    pub(super) fn text(&self, text: &str, secrets: &[String]) -> String {
        let clean = echoes::removed(text, secrets, &self.marks);
        self.pass().within(&clean, Around::default()).unwrap_or(clean)
    }

    fn pass(&self) -> Pass<'_> {
        Pass { marks: &self.marks, secrets: RefCell::default() }
    }
}

/// One value being redacted.
pub(super) struct Pass<'a> {
    marks: &'a Marks,
    secrets: RefCell<Vec<String>>,
}

impl Pass<'_> {
    fn value(&self, of: Of<'_>, side: Side, value: &Value) -> Value {
        let shape = of.and_then(|(service, operation)| {
            let operation = service.operation(operation)?;
            let shape = if side == Side::Input { operation.input } else { operation.output }?;
            Some((service, shape))
        });
        let mut value = value.clone();
        self.walk(&mut value, shape, Around::default());
        value
    }

    /// The text without what looks like a secret in it; none where it stays as it is.
    pub(super) fn within(&self, text: &str, around: Around) -> Option<String> {
        let mut clean = texts::within(self, text, around)?;
        // What is hidden may part what stood together, and so show another secret.
        for _ in 0..if around.nested == 0 { AGAIN } else { 0 } {
            match texts::within(self, &clean, around) {
                Some(cleaner) if cleaner != clean => clean = cleaner,
                _ => break,
            }
        }
        Some(clean)
    }

    /// What no model describes.
    pub(super) fn document(&self, value: &mut Value, around: Around) {
        self.walk(value, None, around);
    }

    fn walk(&self, value: &mut Value, shape: Shaped<'_>, around: Around) {
        if let Some((service, id)) = shape {
            let described = service.shape(id);
            if described.sensitive && !KEPT.contains(&(service.name.as_str(), described.name.as_str())) {
                return self.hide(value, shape);
            }
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                if let Some(clean) = self.within(text, around) {
                    *text = clean;
                }
            }
            Value::Array(items) => self.array(items, item_shape(shape), around),
            Value::Object(members) => self.object(members, shape, around),
        }
    }

    fn array(&self, items: &mut [Value], inner: Shaped<'_>, around: Around) {
        let near_key = items.iter().any(has_key_id);
        let mut after = None;
        for item in items {
            let next = item.as_str().and_then(patterns::before_a_secret);
            match (after, &mut *item) {
                (Some(_), Value::String(text)) if text.starts_with('-') => {}
                (Some(After::Secret), Value::String(text)) => *text = self.hidden(text),
                (Some(After::UserAndSecret), Value::String(text)) => {
                    if let Some((user, secret)) =
                        text.split_once(':').filter(|(_, part)| patterns::is_secret_part(part))
                    {
                        *text = format!("{user}:{}", self.hidden(secret));
                    }
                }
                _ => {}
            }
            self.walk(item, inner, Around { near_key, ..around });
            after = next;
        }
    }

    fn object(&self, members: &mut Map<String, Value>, shape: Shaped<'_>, around: Around) {
        let near_key = members.values().any(has_key_id);
        let is_credentials = members.keys().any(|name| name.eq_ignore_ascii_case("SecretAccessKey"));
        let secret_value = names::names_a_secret(members);
        // The names are the model's own.
        let is_structure = matches!(shape.map(|(service, id)| &service.shape(id).kind),
            Some(ShapeKind::Structure(structure)) if !structure.document);
        for (name, value) in &mut *members {
            let inner = member_shape(shape, name);
            let is_free = inner.is_none_or(|(service, id)| !matches!(service.shape(id).kind, ShapeKind::Structure(_)));
            let names_secret = if is_structure { names::is_secret(name) } else { names::speaks_of_a_secret(name) };
            let is_value = secret_value && names::is_value(name);
            let is_secret = (is_credentials && names::is_of_credentials(name))
                || is_value
                || names_secret
                || names::may_be_anything(name);
            if names::are_variables(name, value, is_free) {
                self.hide_values(value);
            } else if is_secret && is_text(value) {
                self.hide(value, inner);
            } else if (names_secret || is_value) && !is_structure {
                self.hide_below(value, around);
            } else {
                self.walk(value, inner, Around { near_key, ..around });
            }
        }
        if is_structure {
            return;
        }
        let sensitive_keys = keys_are_sensitive(shape);
        let clean = |name: &str| {
            if sensitive_keys { Some(self.hidden(name)) } else { self.within(name, Around { near_key, ..around }) }
        };
        rename(members, &clean);
    }

    /// The values of variables: a map of them, or a list of names with values.
    fn hide_values(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for value in members.values_mut() {
                    self.hide_values(value);
                }
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                for item in items {
                    let Value::Object(members) = item else { continue };
                    for (name, value) in members {
                        if names::is_value(name) {
                            self.hide(value, None);
                        } else {
                            self.walk(value, None, Around::default());
                        }
                    }
                }
            }
            other => self.hide(other, None),
        }
    }

    /// What a document has under the name of a secret: its texts and numbers, and of an object what are values by their
    /// names (`{"DB_PASSWORD": {"DataType": "String", "StringValue": "…"}}`).
    fn hide_below(&self, value: &mut Value, around: Around) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(_) => *value = Value::Null,
            Value::String(_) if is_text(value) => self.hide(value, None),
            Value::String(_) => self.walk(value, None, around),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_below(item, around)),
            Value::Object(members) => {
                let mut others = Map::new();
                for (name, value) in &mut *members {
                    if names::is_value(name) {
                        self.hide_below(value, around);
                    } else {
                        others.insert(name.clone(), value.take());
                    }
                }
                self.object(&mut others, None, around);
                let kept = members.iter().filter(|(name, _)| names::is_value(name));
                others.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
                *members = others;
            }
        }
    }

    fn hide(&self, value: &mut Value, shape: Shaped<'_>) {
        match value {
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) => *value = Value::Null,
            Value::String(text) => *text = self.hidden(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item, item_shape(shape))),
            Value::Object(members) => {
                for (name, member) in &mut *members {
                    self.hide(member, member_shape(shape, name));
                }
                if keys_are_sensitive(shape) {
                    rename(members, &|name| Some(self.hidden(name)));
                }
            }
        }
    }

    pub(super) fn hidden(&self, text: &str) -> String {
        if text.is_empty() || is_mark(text) {
            return text.to_owned();
        }
        self.secrets.borrow_mut().push(text.to_owned());
        self.marks.of(text)
    }
}

fn item_shape(shape: Shaped<'_>) -> Shaped<'_> {
    shape.and_then(|(service, id)| match &service.shape(id).kind {
        ShapeKind::List { member, .. } => Some((service, member.shape)),
        _ => None,
    })
}

fn member_shape<'a>(shape: Shaped<'a>, name: &str) -> Shaped<'a> {
    shape.and_then(|(service, id)| match &service.shape(id).kind {
        ShapeKind::Structure(structure) => Some((service, structure.member(name)?.shape)),
        ShapeKind::Map { value, .. } => Some((service, value.shape)),
        _ => None,
    })
}

fn keys_are_sensitive(shape: Shaped<'_>) -> bool {
    shape.is_some_and(|(service, id)| match &service.shape(id).kind {
        ShapeKind::Map { key, .. } => service.is_sensitive(key.shape),
        _ => false,
    })
}

fn rename(members: &mut Map<String, Value>, clean: &dyn Fn(&str) -> Option<String>) {
    if members.keys().any(|name| clean(name).is_some_and(|clean| clean != *name)) {
        let renamed = std::mem::take(members).into_iter();
        *members = renamed.map(|(name, value)| (clean(&name).unwrap_or(name), value)).collect();
    }
}

/// A text, or nothing but texts: a number or a switch is no secret by its name alone where a model says that it is one.
fn is_text(value: &Value) -> bool {
    match value {
        // The name of a secret leads to it, and does not give it away.
        Value::String(text) => !text.starts_with("arn:"),
        Value::Array(items) => items.iter().all(is_text),
        // Blobs of attributes: `{"Value": "…"}`.
        Value::Object(members) => {
            members.len() == 1 && members.iter().all(|(name, value)| names::is_value(name) && is_text(value))
        }
        _ => false,
    }
}

fn has_key_id(value: &Value) -> bool {
    value.as_str().is_some_and(patterns::has_key_id)
}
