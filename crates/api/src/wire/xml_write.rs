//! XML bodies of restXml requests, on AWS's own writer.

use aws_smithy_xml::encode::{ElWriter, ScopeWriter, XmlWriter};
use dodai_models::{Location, Member, Service, ShapeId, ShapeKind, Structure, TimestampFormat};
use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::value::{self, Mismatch, wire_name};

/// A document whose root is `root` and holds the structure's members that stand in the body.
pub(super) fn document(
    service: &Service,
    structure: &Structure,
    params: &Map<String, Value>,
    root: &str,
    namespace: Option<&str>,
) -> Result<String, Mismatch> {
    let mut text = String::new();
    {
        let mut writer = XmlWriter::new(&mut text);
        let mut element = writer.start_el(root);
        if let Some(namespace) = namespace {
            element = element.write_ns(namespace, None);
        }
        write_structure(service, structure, params, element, 0)?;
    }
    Ok(text)
}

fn write_structure(
    service: &Service,
    structure: &Structure,
    params: &Map<String, Value>,
    mut element: ElWriter<'_, '_>,
    depth: usize,
) -> Result<(), Mismatch> {
    let mut children = Vec::new();
    for (name, value) in params {
        let Some(member) = structure.members.iter().find(|member| member.name == *name) else {
            return Err(Mismatch::new("there is no such member").under(name));
        };
        if value.is_null() || member.location != Location::Body {
            continue;
        }
        if member.xml_attribute {
            let text = value::to_text(service, member.shape, Some(member), value, TimestampFormat::Iso8601)
                .map_err(|error| error.under(name))?;
            element.write_attribute(wire_name(member), &text);
        } else {
            children.push((member, value));
        }
    }
    let mut scope = element.finish();
    for (member, value) in children {
        write(service, member, member.shape, wire_name(member), value, &mut scope, depth + 1)
            .map_err(|error| error.under(&member.name))?;
    }
    Ok(())
}

fn write(
    service: &Service,
    member: &Member,
    id: ShapeId,
    name: &str,
    value: &Value,
    scope: &mut ScopeWriter<'_, '_>,
    depth: usize,
) -> Result<(), Mismatch> {
    if depth > MAX_DEPTH {
        return Err(Mismatch::new("nested too deeply"));
    }
    let start = |scope: &mut ScopeWriter<'_, '_>, write: &mut dyn FnMut(ElWriter<'_, '_>) -> Result<(), Mismatch>| {
        let mut element = scope.start_el(name);
        if let Some(namespace) = &member.xml_namespace {
            element = element.write_ns(namespace, member.xml_namespace_prefix.as_deref());
        }
        write(element)
    };
    match (&value::shape(service, id)?.kind, value) {
        (ShapeKind::Structure(structure), Value::Object(params)) => {
            start(scope, &mut |element| write_structure(service, structure, params, element, depth))
        }
        (ShapeKind::List { member: element, flattened, .. }, Value::Array(items)) => {
            let flattened = *flattened || member.flattened;
            let item_name = match &element.location_name {
                Some(item_name) => item_name,
                None if flattened => name,
                None => "member",
            };
            let each = |scope: &mut ScopeWriter<'_, '_>| {
                items.iter().enumerate().try_for_each(|(index, item)| {
                    write(service, element, element.shape, item_name, item, scope, depth + 1)
                        .map_err(|error| error.at(index))
                })
            };
            if flattened { each(scope) } else { start(scope, &mut |element| each(&mut element.finish())) }
        }
        (ShapeKind::Map { key, value: target, flattened }, Value::Object(entries)) => {
            let flattened = *flattened || member.flattened;
            let entry_name = if flattened { name } else { "entry" };
            let each = |scope: &mut ScopeWriter<'_, '_>| {
                entries.iter().try_for_each(|(entry, value)| {
                    let mut scope = scope.start_el(entry_name).finish();
                    scope.start_el(key.location_name.as_deref().unwrap_or("key")).finish().data(entry);
                    let value_name = target.location_name.as_deref().unwrap_or("value");
                    write(service, target, target.shape, value_name, value, &mut scope, depth + 1)
                        .map_err(|error| error.under(entry))
                })
            };
            if flattened { each(scope) } else { start(scope, &mut |element| each(&mut element.finish())) }
        }
        (ShapeKind::Structure(_) | ShapeKind::Map { .. }, other) => Err(Mismatch::wrong_type("an object", other)),
        (ShapeKind::List { .. }, other) => Err(Mismatch::wrong_type("a list", other)),
        (_, value) => {
            let text = value::to_text(service, id, Some(member), value, TimestampFormat::Iso8601)?;
            start(scope, &mut |element| {
                element.finish().data(&text);
                Ok(())
            })
        }
    }
}
