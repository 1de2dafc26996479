//! What of an exchange is not written down: what the API model marks sensitive, members whose names say that they carry
//! secrets, and what looks like a secret in any text, also in JSON, percent-encoded and base64 text within texts.
//!
//! A secret becomes a mark, `(redacted-1f2e3d4c)`: the same secret the same mark within one recording, so that a list's
//! token still leads to its next page. The mark is a hash under a key that is thrown away: guesses cannot be checked.
//! What is not text and sensitive becomes null. Redacting what was redacted changes nothing.

use std::hash::{BuildHasher as _, RandomState};

use aws_smithy_types::base64;
use dodai_models::{Service, ShapeId, ShapeKind};
use serde_json::{Map, Value};

use super::names;
use super::patterns;

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

/// Texts within texts are looked into so deep.
const MAX_NESTED: u8 = 5;

const MARK: &str = "(redacted";
/// `-1f2e3d4c)`
const TAIL: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Input,
    Output,
}

/// A service, and the name of one of its operations.
pub(super) type Of<'a> = Option<(&'a Service, &'a str)>;

type Shaped<'a> = Option<(&'a Service, ShapeId)>;

/// One recording's key.
#[derive(Debug, Clone, Default)]
pub(super) struct Redaction {
    key: RandomState,
}

/// What surrounds a value.
#[derive(Debug, Clone, Copy)]
struct Around {
    nested: u8,
    /// An access key's id stands beside it.
    near_key: bool,
}

impl Redaction {
    pub(super) fn params(&self, of: Of<'_>, params: &Value) -> Value {
        self.value(of, Side::Input, params)
    }

    pub(super) fn value(&self, of: Of<'_>, side: Side, value: &Value) -> Value {
        let shape = of.and_then(|(service, operation)| {
            let operation = service.operation(operation)?;
            let shape = if side == Side::Input { operation.input } else { operation.output }?;
            Some((service, shape))
        });
        let mut value = value.clone();
        self.walk(&mut value, shape, Around { nested: 0, near_key: false });
        value
    }

    /// A text that no model describes: an error's message.
    pub(super) fn text(&self, text: &str) -> String {
        let around = Around { nested: 0, near_key: false };
        self.within(text, around).unwrap_or_else(|| text.to_owned())
    }

    fn mark(&self, secret: &str) -> String {
        let hash = self.key.hash_one(secret) & 0xffff_ffff;
        format!("{MARK}-{hash:08x})")
    }

    fn walk(&self, value: &mut Value, shape: Shaped<'_>, around: Around) {
        if let Some((service, id)) = shape {
            let shape = service.shape(id);
            if shape.sensitive && !KEPT.contains(&(service.name.as_str(), shape.name.as_str())) {
                return self.hide(value);
            }
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                if let Some(clean) = self.within(text, around) {
                    *text = clean;
                }
            }
            Value::Array(items) => {
                let near_key = items.iter().any(has_key_id);
                let inner = shape.and_then(|(service, id)| match &service.shape(id).kind {
                    ShapeKind::List { member, .. } => Some((service, member.shape)),
                    _ => None,
                });
                for item in items {
                    self.walk(item, inner, Around { near_key, ..around });
                }
            }
            Value::Object(members) => self.object(members, shape, around),
        }
    }

    fn object(&self, members: &mut Map<String, Value>, shape: Shaped<'_>, around: Around) {
        let near_key = members.values().any(has_key_id);
        let is_credentials = members.keys().any(|name| name.eq_ignore_ascii_case("SecretAccessKey"));
        let secret_value = names::names_a_secret(members);
        for (name, value) in &mut *members {
            let inner = shape.and_then(|(service, id)| match &service.shape(id).kind {
                ShapeKind::Structure(structure) => Some((service, structure.member(name)?.shape)),
                ShapeKind::Map { value, .. } => Some((service, value.shape)),
                _ => None,
            });
            let is_value = secret_value && names::is_value(name);
            let is_secret = is_credentials || is_value || names::is_secret(name) || names::may_be_anything(name);
            if names::are_variables(name, value) {
                self.hide_values(value);
            } else if is_secret && is_text(value) {
                self.hide(value);
            } else {
                self.walk(value, inner, Around { near_key, ..around });
            }
        }
        let sensitive_keys = match shape.map(|(service, id)| (service, &service.shape(id).kind)) {
            // The model's own names.
            Some((_, ShapeKind::Structure(structure))) if !structure.document => return,
            Some((service, ShapeKind::Map { key, .. })) => service.is_sensitive(key.shape),
            _ => false,
        };
        let clean = |name: &str| {
            if sensitive_keys { Some(self.hidden(name)) } else { self.within(name, Around { near_key, ..around }) }
        };
        if members.keys().any(|name| clean(name).is_some_and(|clean| clean != *name)) {
            let renamed = std::mem::take(members).into_iter();
            *members = renamed.map(|(name, value)| (clean(&name).unwrap_or(name), value)).collect();
        }
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
                            self.hide(value);
                        } else {
                            self.walk(value, None, Around { nested: 0, near_key: false });
                        }
                    }
                }
            }
            other => self.hide(other),
        }
    }

    fn hide(&self, value: &mut Value) {
        match value {
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) => *value = Value::Null,
            Value::String(text) => *text = self.hidden(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.hide(member)),
        }
    }

    fn hidden(&self, text: &str) -> String {
        if text.is_empty() || is_mark(text) { text.to_owned() } else { self.mark(text) }
    }

    /// The text without what looks like a secret in it; none where it stays as it is.
    fn within(&self, text: &str, around: Around) -> Option<String> {
        let mark = |secret: &str| self.hidden(secret);
        if around.nested < MAX_NESTED {
            let inner = Around { nested: around.nested + 1, ..around };
            if let Some(before) = json(text) {
                let mut after = before.clone();
                self.walk(&mut after, None, inner);
                let changed = (after != before).then(|| after.to_string());
                return patterns::replace(changed.as_deref().unwrap_or(text), around.near_key, true, &mark).or(changed);
            }
            if let Some(changed) = self.percent(text, inner) {
                return Some(changed);
            }
            if let Some(decoded) = from_base64(text) {
                return self.within(&decoded, inner).map(|_| self.mark(text));
            }
        }
        patterns::replace(text, around.near_key, false, &mark)
    }

    /// IAM sends documents percent-encoded.
    fn percent(&self, text: &str, inner: Around) -> Option<String> {
        let decoded = percent_decoded(text)?;
        self.within(&decoded, inner).map(|clean| percent_encoded(&clean))
    }
}

/// The text that it is in base64; a short one is more likely a word.
fn from_base64(text: &str) -> Option<String> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    if text.len() < 16 || !text.len().is_multiple_of(4) || !text.bytes().all(letter) {
        return None;
    }
    String::from_utf8(base64::decode(text).ok()?).ok()
}

/// A text, or nothing but texts: a number or a switch is no secret by its name alone.
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

fn is_mark(text: &str) -> bool {
    mark_len(text) == Some(text.len())
}

/// How long the mark is that the text begins with.
fn mark_len(text: &str) -> Option<usize> {
    let tail = text.strip_prefix(MARK)?.as_bytes().get(..TAIL)?;
    let (first, last) = (tail.first()?, tail.last()?);
    let digits = tail.get(1..TAIL - 1)?;
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (*first == b'-' && *last == b')' && digits.iter().all(is_digit)).then_some(MARK.len() + TAIL)
}

/// The text with all marks alike.
pub(super) fn without_marks(text: &str) -> String {
    let mut alike = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, from) = rest.split_at(at);
        alike.push_str(before);
        alike.push_str(MARK);
        rest = from.get(mark_len(from).unwrap_or(MARK.len())..).unwrap_or_default();
    }
    alike + rest
}

fn json(text: &str) -> Option<Value> {
    if text.trim_start().starts_with(['{', '[']) { serde_json::from_str(text).ok() } else { None }
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.starts_with("%7B") && !text.starts_with("%5B") && !text.starts_with("%7b") && !text.starts_with("%5b") {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(if byte == b'%' { digit(rest.next()?)? * 16 + digit(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        // Parentheses too, so that a mark stays one.
        if byte.is_ascii_alphanumeric() || b"-._~()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
