//! JSON bodies: awsJson 1.0 and 1.1 whole, and the body part of restJson1.

use dodai_models::{Location, Member, Operation, Protocol, Service, ShapeId, ShapeKind, Structure, TimestampFormat};
use serde_json::{Map, Value};

use super::value::{self, Mismatch, wire_name};
use super::{MAX_DEPTH, Reply, Request, structure};

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

pub(super) fn rpc_reply(service: &Service, operation: &Operation, reply: &Reply) -> Result<Value, Mismatch> {
    let Some(output) = structure(service, operation.output) else { return Ok(Value::Object(Map::new())) };
    if reply.body.is_empty() {
        // An operation with an output answers at least `{}`; silence must not read as an empty list.
        return if output.members.is_empty() {
            Ok(Value::Object(Map::new()))
        } else {
            Err(Mismatch::new("the reply has no body"))
        };
    }
    let mut result = Map::new();
    decode_structure(service, output, parse(&reply.body)?, |_| true, &mut result, 0)?;
    Ok(Value::Object(result))
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

/// Reads the members that `include` takes into `result`; what the model does not know is skipped.
pub(super) fn decode_structure(
    service: &Service,
    structure: &Structure,
    body: Value,
    include: impl Fn(&Member) -> bool,
    result: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), Mismatch> {
    let mut body = match body {
        Value::Object(body) => body,
        other => return Err(Mismatch::wrong_type("an object", &other)),
    };
    for member in structure.members.iter().filter(|member| include(member)) {
        match body.remove(wire_name(member)) {
            None | Some(Value::Null) => {}
            Some(value) => {
                let value = decode(service, member.shape, Some(member), value, depth + 1)
                    .map_err(|error| error.under(&member.name))?;
                result.insert(member.name.clone(), value);
            }
        }
    }
    Ok(())
}

pub(super) fn decode(
    service: &Service,
    id: ShapeId,
    member: Option<&Member>,
    value: Value,
    depth: usize,
) -> Result<Value, Mismatch> {
    if depth > MAX_DEPTH {
        return Err(Mismatch::new("nested too deeply"));
    }
    Ok(match (&value::shape(service, id)?.kind, value) {
        (ShapeKind::Structure(structure), value) if structure.document => value,
        (ShapeKind::Structure(structure), value) => {
            let mut result = Map::new();
            decode_structure(service, structure, value, |_| true, &mut result, depth)?;
            Value::Object(result)
        }
        (ShapeKind::Map { value: target, .. }, Value::Object(entries)) => {
            let mut result = Map::new();
            for (key, value) in entries.into_iter().filter(|(_, value)| !value.is_null()) {
                let value =
                    decode(service, target.shape, Some(target), value, depth + 1).map_err(|error| error.under(&key))?;
                result.insert(key, value);
            }
            Value::Object(result)
        }
        (ShapeKind::Map { .. }, other) => return Err(Mismatch::wrong_type("an object", &other)),
        (ShapeKind::List { member, .. }, Value::Array(items)) => Value::Array(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| match item {
                    Value::Null => Ok(Value::Null),
                    item => {
                        decode(service, member.shape, Some(member), item, depth + 1).map_err(|error| error.at(index))
                    }
                })
                .collect::<Result<_, _>>()?,
        ),
        (ShapeKind::List { .. }, other) => return Err(Mismatch::wrong_type("a list", &other)),
        (_, value) => value::from_json(service, id, member, value)?,
    })
}

/// The members of a restJson1 structure that stand in the body.
pub(super) fn in_body(member: &Member) -> bool {
    member.location == Location::Body
}
