//! Form bodies: awsQuery and ec2Query requests. AWS's own writer does the escaping.

use aws_smithy_query::{QueryValueWriter, QueryWriter};
use dodai_models::{Member, Operation, Protocol, Service, ShapeId, ShapeKind, TimestampFormat};
use serde_json::{Map, Value};

use super::value::{self, Mismatch};
use super::{MAX_DEPTH, Request, structure};

pub(super) fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Request, Mismatch> {
    let mut body = String::new();
    QueryWriter::new(&mut body, name, &service.api_version).finish();
    if let Some(input) = structure(service, operation.input) {
        write_members(service, &input.members, params, "", &mut body, 0)?;
    }
    Ok(Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
        body: body.into_bytes(),
        host_prefix: None,
    })
}

/// ec2Query capitalizes names that it takes from elsewhere.
fn name_of(service: &Service, member: &Member) -> String {
    if service.protocol == Protocol::Ec2Query {
        if let Some(name) = &member.query_name {
            return name.clone();
        }
        if let Some(name) = &member.location_name {
            let mut letters = name.chars();
            return letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        }
        return member.name.clone();
    }
    value::wire_name(member).to_owned()
}

fn write_members(
    service: &Service,
    members: &[Member],
    params: &Map<String, Value>,
    prefix: &str,
    body: &mut String,
    depth: usize,
) -> Result<(), Mismatch> {
    for (name, value) in params {
        let Some(member) = members.iter().find(|member| member.name == *name) else {
            return Err(Mismatch::new("there is no such member").under(name));
        };
        if value.is_null() {
            continue;
        }
        let key = match prefix {
            "" => name_of(service, member),
            prefix => format!("{prefix}.{}", name_of(service, member)),
        };
        write(service, member.shape, member, value, &key, body, depth + 1).map_err(|error| error.under(name))?;
    }
    Ok(())
}

fn write(
    service: &Service,
    id: ShapeId,
    member: &Member,
    value: &Value,
    key: &str,
    body: &mut String,
    depth: usize,
) -> Result<(), Mismatch> {
    if depth > MAX_DEPTH {
        return Err(Mismatch::new("nested too deeply"));
    }
    match (&value::shape(service, id)?.kind, value) {
        (ShapeKind::Structure(structure), Value::Object(params)) => {
            write_members(service, &structure.members, params, key, body, depth)
        }
        (ShapeKind::List { member: element, flattened, .. }, Value::Array(items)) => {
            let ec2 = service.protocol == Protocol::Ec2Query;
            if items.is_empty() && !ec2 {
                put(body, key, "");
            }
            let key = match (&element.location_name, *flattened || member.flattened) {
                _ if ec2 => key.to_owned(),
                (None, true) => key.to_owned(),
                // A flattened list is called as its elements are.
                (Some(name), true) => match key.rsplit_once('.') {
                    Some((prefix, _)) => format!("{prefix}.{name}"),
                    None => name.clone(),
                },
                (name, false) => format!("{key}.{}", name.as_deref().unwrap_or("member")),
            };
            for (index, item) in items.iter().enumerate() {
                write(service, element.shape, element, item, &format!("{key}.{}", index + 1), body, depth + 1)
                    .map_err(|error| error.at(index))?;
            }
            Ok(())
        }
        (ShapeKind::Map { key: name, value: target, flattened }, Value::Object(entries)) => {
            let base = if *flattened || member.flattened { key.to_owned() } else { format!("{key}.entry") };
            let (key_name, value_name) =
                (name.location_name.as_deref().unwrap_or("key"), target.location_name.as_deref().unwrap_or("value"));
            for (index, (entry, value)) in entries.iter().filter(|(_, value)| !value.is_null()).enumerate() {
                put(body, &format!("{base}.{}.{key_name}", index + 1), entry);
                let key = format!("{base}.{}.{value_name}", index + 1);
                write(service, target.shape, target, value, &key, body, depth + 1)
                    .map_err(|error| error.under(entry))?;
            }
            Ok(())
        }
        (ShapeKind::Structure(_) | ShapeKind::Map { .. }, other) => Err(Mismatch::wrong_type("an object", other)),
        (ShapeKind::List { .. }, other) => Err(Mismatch::wrong_type("a list", other)),
        (_, value) => {
            put(body, key, &value::to_text(service, id, Some(member), value, TimestampFormat::Iso8601)?);
            Ok(())
        }
    }
}

fn put(body: &mut String, key: &str, text: &str) {
    QueryValueWriter::new(body, key.into()).string(text);
}
