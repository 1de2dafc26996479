//! JSON bodies of requests: awsJson 1.0 and 1.1 whole, and the body part of restJson1.

use dodai_models::{Location, Member, Operation, Protocol, Service, ShapeId, ShapeKind, Structure, TimestampFormat};
use serde_json::{Map, Value};

use super::value::{self, Mismatch, wire_name};
use super::{MAX_DEPTH, Request, structure};

pub(super) fn rpc_request(
    service: &Service,
    name: &str,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Request, Mismatch> {
    let body = match structure(service, operation.input) {
        Some(input) => Value::Object(encode_structure(service, input, params, |_| true, 0)?),
        None => Value::Object(Map::new()),
    };
    let content_type = match service.protocol {
        Protocol::AwsJson1_0 => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    };
    let target = match &service.target_prefix {
        Some(prefix) => format!("{prefix}.{name}"),
        None => name.to_owned(),
    };
    let mut headers = vec![("content-type".to_owned(), content_type.to_owned()), ("x-amz-target".to_owned(), target)];
    if service.query_compatible {
        headers.push(("x-amzn-query-mode".to_owned(), "true".to_owned()));
    }
    Ok(Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers,
        body: body.to_string().into_bytes(),
        host_prefix: None,
    })
}

/// A body as JSON. `serde_json` limits nesting by itself.
pub(super) fn parse(body: &[u8]) -> Result<Value, Mismatch> {
    serde_json::from_slice(body).map_err(|error| Mismatch::new(format!("the body is not JSON: {error}")))
}

/// The members that `include` takes, under their names on the wire. A member that the model does not know is refused.
pub(super) fn encode_structure(
    service: &Service,
    structure: &Structure,
    params: &Map<String, Value>,
    include: impl Fn(&Member) -> bool,
    depth: usize,
) -> Result<Map<String, Value>, Mismatch> {
    let mut result = Map::new();
    for (name, value) in params {
        let Some(member) = structure.members.iter().find(|member| member.name == *name) else {
            return Err(Mismatch::new("there is no such member").under(name));
        };
        if value.is_null() || !include(member) {
            continue;
        }
        let value = encode(service, member.shape, Some(member), value, depth + 1).map_err(|error| error.under(name))?;
        result.insert(wire_name(member).to_owned(), value);
    }
    Ok(result)
}

pub(super) fn encode(
    service: &Service,
    id: ShapeId,
    member: Option<&Member>,
    value: &Value,
    depth: usize,
) -> Result<Value, Mismatch> {
    if depth > MAX_DEPTH {
        return Err(Mismatch::new("nested too deeply"));
    }
    let shape = value::shape(service, id)?;
    Ok(match (&shape.kind, value) {
        (ShapeKind::Structure(structure), value) if structure.document => value.clone(),
        (ShapeKind::Structure(structure), Value::Object(params)) => {
            Value::Object(encode_structure(service, structure, params, |_| true, depth)?)
        }
        (ShapeKind::Structure(_) | ShapeKind::Map { .. }, other) if !other.is_object() => {
            return Err(Mismatch::wrong_type("an object", other));
        }
        (ShapeKind::Map { value: target, .. }, Value::Object(entries)) => {
            let mut result = Map::new();
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                let value = encode(service, target.shape, Some(target), value, depth + 1);
                result.insert(key.clone(), value.map_err(|error| error.under(key))?);
            }
            Value::Object(result)
        }
        (ShapeKind::List { member, .. }, Value::Array(items)) => Value::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    encode(service, member.shape, Some(member), item, depth + 1).map_err(|error| error.at(index))
                })
                .collect::<Result<_, _>>()?,
        ),
        (ShapeKind::List { .. }, other) => return Err(Mismatch::wrong_type("a list", other)),
        (ShapeKind::Timestamp { .. }, value) => {
            value::timestamp_to_wire(value, value::timestamp_format(member, shape, TimestampFormat::UnixTimestamp))?
        }
        (ShapeKind::Float | ShapeKind::Double, value @ Value::Number(_))
        | (ShapeKind::Boolean, value @ Value::Bool(_)) => value.clone(),
        (ShapeKind::Integer { .. } | ShapeKind::Long { .. }, Value::Number(number)) if !number.is_f64() => {
            value.clone()
        }
        (_, value) => Value::String(value::to_text(service, id, member, value, TimestampFormat::Iso8601)?),
    })
}

/// The members of a restJson1 structure that stand in the body.
pub(super) fn in_body(member: &Member) -> bool {
    member.location == Location::Body
}
