//! XML bodies of restXml, awsQuery and ec2Query replies: one pass over the document, driven by the model.

use dodai_models::{Location, Member, Operation, Protocol, Service, ShapeId, ShapeKind, Structure};
use serde_json::{Map, Value};

use super::slots::{Slots, place};
use super::value::{self, Mismatch, wire_name};
use super::xml_events::{Element, Reader};
use super::{MAX_DEPTH, Reply, structure};

/// A reply that is being read.
struct Decoder<'m, 'a> {
    service: &'m Service,
    reader: Reader<'a>,
    slots: Slots,
}

/// The reply of awsQuery (`<XResponse><XResult>…`) and ec2Query (`<XResponse>…`).
pub(super) fn query_reply(
    service: &Service,
    name: &str,
    operation: &Operation,
    reply: &Reply,
) -> Result<Value, Mismatch> {
    let mut result = Map::new();
    if reply.body.is_empty() && structure(service, operation.output).is_none_or(|output| output.members.is_empty()) {
        return Ok(Value::Object(result));
    }
    let mut decoder = Decoder { service, reader: Reader::new(&reply.body)?, slots: Slots::default() };
    let root = decoder.reader.root()?;
    if root.name.strip_suffix("Response") != Some(name) {
        return Err(Mismatch::new(format!("expected `{name}Response`, found another document")));
    }
    let Some(output) = structure(service, operation.output) else {
        decoder.reader.finish()?;
        return Ok(Value::Object(result));
    };
    match &operation.result_wrapper {
        Some(wrapper) if service.protocol == Protocol::AwsQuery => {
            let mut found = false;
            while let Some(element) = decoder.reader.child()? {
                if element.name == wrapper {
                    found = true;
                    result.extend(decoder.members(output, &element, 0)?);
                } else {
                    decoder.reader.skip()?;
                }
            }
            if !found && !output.members.is_empty() {
                return Err(Mismatch::new(format!("`{wrapper}` is missing")));
            }
        }
        _ => result = decoder.members(output, &root, 0)?,
    }
    decoder.reader.finish()?;
    Ok(Value::Object(result))
}

/// A restXml body: the root is the output, whatever its name, except where the root is the output's only member (S3's
/// `GetBucketLocation`).
pub(super) fn rest_reply(
    service: &Service,
    output: &Structure,
    body: &[u8],
    result: &mut Map<String, Value>,
) -> Result<(), Mismatch> {
    let mut decoder = Decoder { service, reader: Reader::new(body)?, slots: Slots::default() };
    let root = decoder.reader.root()?;
    if root.name.eq_ignore_ascii_case("html") {
        return Err(Mismatch::new("the body is a web page"));
    }
    match output.members.iter().find(|member| member.location == Location::Body) {
        Some(member) if wire_name(member) == root.name && is_scalar(&value::shape(service, member.shape)?.kind) => {
            let text = decoder.reader.text()?;
            if !text.trim().is_empty() {
                let value = value::from_text(service, member.shape, Some(member), text)
                    .map_err(|error| error.under(&member.name))?;
                result.insert(member.name.clone(), value);
            }
        }
        _ => result.extend(decoder.members(output, &root, 0)?),
    }
    decoder.reader.finish()
}

fn is_scalar(kind: &ShapeKind) -> bool {
    !matches!(kind, ShapeKind::Structure(_) | ShapeKind::List { .. } | ShapeKind::Map { .. })
}

/// The name of a member's elements: a flattened list is called as its elements are.
fn element_name<'m>(service: &'m Service, member: &'m Member) -> Result<&'m str, Mismatch> {
    Ok(match &value::shape(service, member.shape)?.kind {
        ShapeKind::List { member: element, flattened, .. } if *flattened || member.flattened => {
            element.location_name.as_deref().unwrap_or_else(|| wire_name(member))
        }
        _ => wire_name(member),
    })
}

impl Decoder<'_, '_> {
    /// The members in the element just opened, to its end.
    fn members(
        &mut self,
        structure: &Structure,
        element: &Element<'_>,
        depth: usize,
    ) -> Result<Map<String, Value>, Mismatch> {
        let service = self.service;
        let base = self.slots.open(structure);
        if element.has_attributes() {
            for (index, member) in structure.members.iter().enumerate().filter(|(_, member)| member.xml_attribute) {
                if let Some(text) = element.attribute(wire_name(member))? {
                    let value = value::from_text(service, member.shape, Some(member), text)
                        .map_err(|error| error.under(&member.name))?;
                    *self.slots.slot(base, index) = Some(value);
                }
            }
        }
        let mut before = 0;
        while let Some(child) = self.reader.child()? {
            let known = place(&structure.members, before, |member| {
                Ok(member.location == Location::Body && element_name(service, member)? == child.name)
            })?;
            let Some((index, member)) = known.and_then(|index| Some((index, structure.members.get(index)?))) else {
                self.reader.skip()?;
                continue;
            };
            before = index;
            let at = |error: Mismatch| error.under(&member.name);
            match &value::shape(service, member.shape)?.kind {
                ShapeKind::List { member: item, flattened, .. } if *flattened || member.flattened => {
                    let value = self.value(item.shape, &child, depth + 1).map_err(at)?;
                    match self.slots.slot(base, index).get_or_insert_with(|| Value::Array(Vec::new())) {
                        Value::Array(items) => items.push(value),
                        _ => return Err(at(Mismatch::new("expected a list"))),
                    }
                }
                ShapeKind::Map { key, value: target, flattened } if *flattened || member.flattened => {
                    let entry = self.entry(key, target, depth + 1).map_err(at)?;
                    match self.slots.slot(base, index).get_or_insert_with(|| Value::Object(Map::new())) {
                        Value::Object(entries) => entries.extend(entry),
                        _ => return Err(at(Mismatch::new("expected a map"))),
                    }
                }
                _ => {
                    let value = self.value(member.shape, &child, depth + 1).map_err(at)?;
                    *self.slots.slot(base, index) = Some(value);
                }
            }
        }
        Ok(self.slots.close(base, structure))
    }

    /// The value of the element just opened, to its end.
    fn value(&mut self, id: ShapeId, element: &Element<'_>, depth: usize) -> Result<Value, Mismatch> {
        if depth > MAX_DEPTH {
            return Err(Mismatch::new("nested too deeply"));
        }
        match &value::shape(self.service, id)?.kind {
            ShapeKind::Structure(structure) => self.members(structure, element, depth).map(Value::Object),
            ShapeKind::List { member, .. } => {
                let name = member.location_name.as_deref().unwrap_or("member");
                let mut items = Vec::new();
                while let Some(child) = self.reader.child()? {
                    if child.name == name {
                        let item = self.value(member.shape, &child, depth + 1);
                        items.push(item.map_err(|error| error.at(items.len()))?);
                    } else {
                        self.reader.skip()?;
                    }
                }
                Ok(Value::Array(items))
            }
            ShapeKind::Map { key, value, .. } => {
                let mut entries = Map::new();
                while let Some(child) = self.reader.child()? {
                    if child.name == "entry" {
                        entries.extend(self.entry(key, value, depth + 1)?);
                    } else {
                        self.reader.skip()?;
                    }
                }
                Ok(Value::Object(entries))
            }
            _ => value::from_text(self.service, id, None, self.reader.text()?),
        }
    }

    /// The entry of a map in the element just opened, to its end.
    fn entry(&mut self, key: &Member, target: &Member, depth: usize) -> Result<Option<(String, Value)>, Mismatch> {
        let (mut name, mut found) = (None, None);
        while let Some(child) = self.reader.child()? {
            if child.name == key.location_name.as_deref().unwrap_or("key") {
                name = Some(self.reader.text()?.into_owned());
            } else if child.name == target.location_name.as_deref().unwrap_or("value") {
                found = Some(self.value(target.shape, &child, depth + 1)?);
            } else {
                self.reader.skip()?;
            }
        }
        match (name, found) {
            (Some(name), Some(value)) => Ok(Some((name, value))),
            // An entry whose value is absent.
            (Some(_), None) => Ok(None),
            (None, _) => Err(Mismatch::new("an entry of a map has no key")),
        }
    }
}
