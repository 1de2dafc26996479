//! Scalars: JSON on our side (timestamps as ISO 8601 text, blobs as base64 text), text or JSON on the wire.

use std::borrow::Cow;
use std::str::FromStr;

use aws_smithy_types::date_time::Format;
use aws_smithy_types::{DateTime, base64};
use dodai_models::{Location, Member, Service, Shape, ShapeId, ShapeKind, TimestampFormat};
use serde_json::{Number, Value};

/// A value that does not fit the model, and where. Carries no value: those may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub(crate) struct Mismatch {
    path: String,
    message: String,
}

impl Mismatch {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    pub(crate) fn wrong_type(expected: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Self::new(format!("expected {expected}, found {found}"))
    }

    /// The same mismatch, seen from the structure, list or map that holds the value.
    #[must_use]
    pub(crate) fn under(mut self, segment: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{segment}{dot}{}", self.path);
        self
    }

    #[must_use]
    pub(crate) fn at(self, index: usize) -> Self {
        self.under(&format!("[{index}]"))
    }
}

/// The shape behind an id. A compiled model holds only ids of its own, so the error is for a damaged model.
pub(super) fn shape(service: &Service, id: ShapeId) -> Result<&Shape, Mismatch> {
    usize::try_from(id)
        .ok()
        .and_then(|index| service.shapes.get(index))
        .ok_or_else(|| Mismatch::new("the service's model is damaged: a shape is missing"))
}

/// A member's name on the wire in JSON, headers and query strings.
pub(super) fn wire_name(member: &Member) -> &str {
    member.location_name.as_deref().unwrap_or(&member.name)
}

/// How a timestamp is written: the member says, else its shape, else the place it stands in.
pub(super) fn timestamp_format(member: Option<&Member>, shape: &Shape, default: TimestampFormat) -> TimestampFormat {
    let of_shape = match shape.kind {
        ShapeKind::Timestamp { format } => format,
        _ => None,
    };
    member.and_then(|member| member.timestamp_format).or(of_shape).unwrap_or(
        match member.map(|member| member.location) {
            Some(Location::Header | Location::Headers) => TimestampFormat::Rfc822,
            Some(Location::Query | Location::Uri) => TimestampFormat::Iso8601,
            _ => default,
        },
    )
}

fn instant(value: &Value) -> Result<DateTime, Mismatch> {
    let wrong = || Mismatch::new("expected an ISO 8601 timestamp, such as 2026-01-02T03:04:05Z");
    match value {
        Value::String(text) if text.len() == 10 => {
            DateTime::from_str(&format!("{text}T00:00:00Z"), Format::DateTimeWithOffset).map_err(|_| wrong())
        }
        Value::String(text) => DateTime::from_str(text, Format::DateTimeWithOffset).map_err(|_| wrong()),
        Value::Number(number) => epoch(number).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn epoch(number: &Number) -> Option<DateTime> {
    if let Some(seconds) = number.as_i64() {
        return Some(DateTime::from_secs(seconds));
    }
    // Through text: a float's binary fraction would show as odd nanoseconds.
    DateTime::from_str(&number.to_string(), Format::EpochSeconds).ok()
}

/// A timestamp for the wire, as JSON: a number for Unix time, else text.
pub(super) fn timestamp_to_wire(value: &Value, format: TimestampFormat) -> Result<Value, Mismatch> {
    let instant = instant(value)?;
    let wire = match format {
        TimestampFormat::Iso8601 => Format::DateTime,
        TimestampFormat::Rfc822 => Format::HttpDate,
        TimestampFormat::UnixTimestamp => Format::EpochSeconds,
    };
    let text = instant.fmt(wire).map_err(|error| Mismatch::new(error.to_string()))?;
    match format {
        TimestampFormat::UnixTimestamp => {
            Number::from_str(&text).map(Value::Number).map_err(|error| Mismatch::new(error.to_string()))
        }
        TimestampFormat::Iso8601 | TimestampFormat::Rfc822 => Ok(Value::String(text)),
    }
}

/// A timestamp from the wire, as ISO 8601 text. Services do not all keep to the format that their model names, so
/// every format is tried; what is none of them is passed on as it came.
pub(super) fn timestamp_from_wire(value: Value) -> Result<Value, Mismatch> {
    let instant = match &value {
        Value::Number(number) => epoch(number),
        Value::String(text) => {
            let text = text.trim();
            [Format::DateTimeWithOffset, Format::HttpDate, Format::EpochSeconds]
                .into_iter()
                .find_map(|format| DateTime::from_str(text, format).ok())
        }
        other => return Err(Mismatch::wrong_type("a timestamp", other)),
    };
    match instant.and_then(|instant| instant.fmt(Format::DateTime).ok()) {
        Some(text) => Ok(Value::String(text)),
        None => Ok(match value {
            Value::Number(number) => Value::String(number.to_string()),
            other => other,
        }),
    }
}

pub(super) fn blob(value: &Value) -> Result<Vec<u8>, Mismatch> {
    match value {
        Value::String(text) => base64::decode(text).map_err(|_| Mismatch::new("expected base64 text")),
        other => Err(Mismatch::wrong_type("base64 text", other)),
    }
}

/// A scalar parameter as text: in paths, query strings, headers, forms and XML.
pub(super) fn to_text(
    service: &Service,
    id: ShapeId,
    member: Option<&Member>,
    value: &Value,
    default: TimestampFormat,
) -> Result<String, Mismatch> {
    let shape = shape(service, id)?;
    Ok(match (&shape.kind, value) {
        (ShapeKind::String { json_value, .. }, value)
            if *json_value || member.is_some_and(|member| member.json_value) =>
        {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            match member.map(|member| member.location) {
                Some(Location::Header) => base64::encode(text),
                _ => text,
            }
        }
        (ShapeKind::String { .. }, Value::String(text)) => text.clone(),
        (ShapeKind::String { .. }, other) => return Err(Mismatch::wrong_type("text", other)),
        (ShapeKind::Boolean, Value::Bool(value)) => value.to_string(),
        (ShapeKind::Boolean, other) => return Err(Mismatch::wrong_type("a boolean", other)),
        (ShapeKind::Integer { .. } | ShapeKind::Long { .. }, Value::Number(number)) if !number.is_f64() => {
            number.to_string()
        }
        (ShapeKind::Integer { .. } | ShapeKind::Long { .. }, other) => {
            return Err(Mismatch::wrong_type("an integer", other));
        }
        (ShapeKind::Float | ShapeKind::Double, Value::Number(number)) => number.to_string(),
        (ShapeKind::Float | ShapeKind::Double, Value::String(text)) if is_special_float(text) => text.clone(),
        (ShapeKind::Float | ShapeKind::Double, other) => return Err(Mismatch::wrong_type("a number", other)),
        (ShapeKind::Timestamp { .. }, value) => {
            match timestamp_to_wire(value, timestamp_format(member, shape, default))? {
                Value::String(text) => text,
                other => other.to_string(),
            }
        }
        (ShapeKind::Blob { .. }, value) => base64::encode(blob(value)?),
        (ShapeKind::Structure(_) | ShapeKind::List { .. } | ShapeKind::Map { .. }, _) => {
            return Err(Mismatch::new("a structure cannot stand here"));
        }
    })
}

pub(super) fn is_special_float(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// Text from the wire as the scalar that the model says it is.
pub(super) fn from_text(
    service: &Service,
    id: ShapeId,
    member: Option<&Member>,
    text: Cow<'_, str>,
) -> Result<Value, Mismatch> {
    let shape = shape(service, id)?;
    Ok(match &shape.kind {
        ShapeKind::String { json_value, .. } => {
            let encoded = (*json_value || member.is_some_and(|member| member.json_value))
                && member.is_some_and(|member| member.location == Location::Header);
            if encoded {
                let bytes = base64::decode(text.as_ref()).map_err(|_| Mismatch::new("expected base64 text"))?;
                Value::String(String::from_utf8(bytes).map_err(|_| Mismatch::new("expected text in UTF-8"))?)
            } else if service.name == "iam" && shape.name == "policyDocumentType" && text.starts_with("%7B") {
                // "The returned policy is URL-encoded compliant with RFC 3986" (IAM API Reference, GetRolePolicy).
                Value::String(percent_decode(&text)?)
            } else {
                Value::String(text.into_owned())
            }
        }
        ShapeKind::Boolean => match text.trim() {
            "true" | "True" | "TRUE" | "1" => Value::Bool(true),
            "false" | "False" | "FALSE" | "0" => Value::Bool(false),
            _ => return Err(Mismatch::new("expected `true` or `false`")),
        },
        ShapeKind::Integer { .. } | ShapeKind::Long { .. } => integer_text(&text)?,
        ShapeKind::Float | ShapeKind::Double => {
            let text = text.trim();
            if is_special_float(text) { Value::String(text.to_owned()) } else { float_text(text)? }
        }
        ShapeKind::Timestamp { .. } => timestamp_from_wire(Value::String(text.into_owned()))?,
        ShapeKind::Blob { .. } => Value::String(text.split_ascii_whitespace().collect()),
        ShapeKind::Structure(_) | ShapeKind::List { .. } | ShapeKind::Map { .. } => {
            return Err(Mismatch::new("expected a structure, found text"));
        }
    })
}

fn percent_decode(text: &str) -> Result<String, Mismatch> {
    let wrong = || Mismatch::new("expected percent-encoded text");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else { return Err(wrong()) };
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn integer_text(text: &str) -> Result<Value, Mismatch> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Value::from(number));
    }
    if let Ok(number) = text.parse::<u64>() {
        return Ok(Value::from(number));
    }
    integral(text.parse::<f64>().ok()).ok_or_else(|| Mismatch::new("expected an integer"))
}

fn float_text(text: &str) -> Result<Value, Mismatch> {
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map(Value::Number).ok_or_else(|| Mismatch::new("expected a number"))
}

/// A float that stands for a whole number, `1.0` or `1E9`.
#[expect(clippy::cast_possible_truncation, reason = "bounded to what an f64 holds exactly just before")]
fn integral(number: Option<f64>) -> Option<Value> {
    let number = number.filter(|number| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0)?;
    Some(Value::from(number as i64))
}

/// A JSON scalar of a reply as the model has it. Services send a number for text and the reverse often enough that
/// scalars are converted; a list for a scalar is not.
pub(super) fn from_json(
    service: &Service,
    id: ShapeId,
    member: Option<&Member>,
    value: Value,
) -> Result<Value, Mismatch> {
    let shape = shape(service, id)?;
    let is_json = member.is_some_and(|member| member.json_value);
    Ok(match (&shape.kind, value) {
        (ShapeKind::Timestamp { .. }, value) => timestamp_from_wire(value)?,
        (ShapeKind::String { .. } | ShapeKind::Blob { .. }, value @ Value::String(_))
        | (ShapeKind::Boolean, value @ Value::Bool(_)) => value,
        (ShapeKind::String { .. }, Value::Number(number)) => Value::String(number.to_string()),
        (ShapeKind::String { .. }, Value::Bool(value)) => Value::String(value.to_string()),
        // Free-form JSON in a member that the model calls text.
        (ShapeKind::String { json_value, .. }, value) if *json_value || is_json => Value::String(value.to_string()),
        (ShapeKind::Integer { .. } | ShapeKind::Long { .. }, Value::Number(number)) if number.is_f64() => {
            integral(number.as_f64()).ok_or_else(|| Mismatch::new("expected an integer"))?
        }
        (
            ShapeKind::Integer { .. } | ShapeKind::Long { .. } | ShapeKind::Float | ShapeKind::Double,
            value @ Value::Number(_),
        ) => value,
        (
            ShapeKind::Boolean
            | ShapeKind::Integer { .. }
            | ShapeKind::Long { .. }
            | ShapeKind::Float
            | ShapeKind::Double,
            Value::String(text),
        ) => from_text(service, id, None, text.into())?,
        (ShapeKind::String { .. } | ShapeKind::Blob { .. }, other) => {
            return Err(Mismatch::wrong_type("text", &other));
        }
        (ShapeKind::Boolean, other) => return Err(Mismatch::wrong_type("a boolean", &other)),
        (_, other) => return Err(Mismatch::wrong_type("a number", &other)),
    })
}
