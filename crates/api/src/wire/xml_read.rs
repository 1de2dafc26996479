//! XML bodies of restXml, awsQuery and ec2Query replies: one pass over the tokens, driven by the model. A document
//! must be whole: every element closed, by its own name.

use std::borrow::Cow;

use dodai_models::{Location, Member, Operation, Protocol, Service, ShapeId, ShapeKind, Structure};
use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

use super::value::{self, Mismatch, wire_name};
use super::{MAX_DEPTH, Reply, structure};

/// The start of an element. Names are local ones; an attribute's keeps its prefix (`xsi:type`).
#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    attributes: Vec<(String, Cow<'a, str>)>,
}

#[derive(Debug)]
pub(super) enum Event<'a> {
    Open(Element<'a>),
    Text(Cow<'a, str>),
    Close,
    /// The document is over, and whole.
    End,
}

pub(super) struct Reader<'a> {
    tokens: Tokenizer<'a>,
    /// Prefix and name of the elements that are open.
    open: Vec<(&'a str, &'a str)>,
    /// An element without content closes right after it opens.
    close: bool,
    seen_root: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a [u8]) -> Result<Self, Mismatch> {
        let text = std::str::from_utf8(body).map_err(|_| Mismatch::new("the body is not XML: not UTF-8"))?;
        Ok(Self { tokens: Tokenizer::from(text), open: Vec::new(), close: false, seen_root: false })
    }

    pub(super) fn next(&mut self) -> Result<Event<'a>, Mismatch> {
        if self.close {
            self.close = false;
            self.open.pop();
            return Ok(Event::Close);
        }
        let mut element: Option<Element<'a>> = None;
        loop {
            let Some(token) = self.tokens.next() else {
                return if self.open.is_empty() && self.seen_root {
                    Ok(Event::End)
                } else {
                    Err(Mismatch::new("the body is not XML, or is cut off"))
                };
            };
            match token.map_err(|error| Mismatch::new(format!("the body is not XML: {error}")))? {
                Token::ElementStart { prefix, local, .. } => {
                    if self.open.is_empty() && self.seen_root {
                        return Err(Mismatch::new("the body is not XML: two roots"));
                    }
                    if self.open.len() >= MAX_DEPTH {
                        return Err(Mismatch::new("nested too deeply"));
                    }
                    self.seen_root = true;
                    self.open.push((prefix.as_str(), local.as_str()));
                    element = Some(Element { name: local.as_str(), attributes: Vec::new() });
                }
                Token::Attribute { prefix, local, value, .. } => {
                    let name = match prefix.as_str() {
                        "" => local.as_str().to_owned(),
                        prefix => format!("{prefix}:{}", local.as_str()),
                    };
                    if let Some(element) = &mut element {
                        element.attributes.push((name, unescape(value.as_str())?));
                    }
                }
                Token::ElementEnd { end: ElementEnd::Close(prefix, local), .. } => {
                    return if self.open.pop() == Some((prefix.as_str(), local.as_str())) {
                        Ok(Event::Close)
                    } else {
                        Err(Mismatch::new("the body is not XML: an end tag does not match"))
                    };
                }
                Token::ElementEnd { end, .. } => {
                    self.close = matches!(end, ElementEnd::Empty);
                    if let Some(element) = element.take() {
                        return Ok(Event::Open(element));
                    }
                }
                Token::Text { text } => {
                    if !self.open.is_empty() {
                        return Ok(Event::Text(unescape(text.as_str())?));
                    }
                }
                Token::Cdata { text, .. } => return Ok(Event::Text(Cow::Borrowed(text.as_str()))),
                Token::Declaration { .. } | Token::Comment { .. } | Token::ProcessingInstruction { .. } => {}
                // AWS sends no document type; one that does is a web page or an attack.
                Token::DtdStart { .. }
                | Token::EmptyDtd { .. }
                | Token::EntityDeclaration { .. }
                | Token::DtdEnd { .. } => {
                    return Err(Mismatch::new("the body is not AWS's XML: it has a document type"));
                }
            }
        }
    }

    /// The root element.
    pub(super) fn root(&mut self) -> Result<Element<'a>, Mismatch> {
        match self.next()? {
            Event::Open(element) => Ok(element),
            _ => Err(Mismatch::new("the body is not XML")),
        }
    }

    /// The next child of the element just opened, or none at that element's end.
    pub(super) fn child(&mut self) -> Result<Option<Element<'a>>, Mismatch> {
        loop {
            match self.next()? {
                Event::Open(element) => return Ok(Some(element)),
                Event::Close => return Ok(None),
                Event::Text(_) => {}
                Event::End => return Err(Mismatch::new("the body ends early")),
            }
        }
    }

    /// The text of the element just opened, to its end. Elements in it are skipped.
    pub(super) fn text(&mut self) -> Result<String, Mismatch> {
        let mut result = String::new();
        loop {
            match self.next()? {
                Event::Text(text) => result.push_str(&text),
                Event::Open(_) => self.skip()?,
                Event::Close => return Ok(result),
                Event::End => return Err(Mismatch::new("the body ends early")),
            }
        }
    }

    /// Leaves out the rest of the element just opened.
    pub(super) fn skip(&mut self) -> Result<(), Mismatch> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// Reads on to the end, so that what was cut off is noticed.
    fn finish(mut self) -> Result<(), Mismatch> {
        while !matches!(self.next()?, Event::End) {}
        Ok(())
    }
}

fn unescape(text: &str) -> Result<Cow<'_, str>, Mismatch> {
    if !text.contains('&') {
        return Ok(Cow::Borrowed(text));
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let wrong = || Mismatch::new("the body is not XML: an unknown reference");
        let (name, after) = after.split_once(';').ok_or_else(wrong)?;
        result.push_str(before);
        result.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#').ok_or_else(wrong)?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                code.ok().and_then(char::from_u32).ok_or_else(wrong)?
            }
        });
        rest = after;
    }
    result.push_str(rest);
    Ok(Cow::Owned(result))
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
    let mut reader = Reader::new(&reply.body)?;
    let root = reader.root()?;
    if root.name.strip_suffix("Response") != Some(name) {
        return Err(Mismatch::new(format!("expected `{name}Response`, found another document")));
    }
    let Some(output) = structure(service, operation.output) else {
        reader.finish()?;
        return Ok(Value::Object(result));
    };
    match &operation.result_wrapper {
        Some(wrapper) if service.protocol == Protocol::AwsQuery => {
            let mut found = false;
            while let Some(element) = reader.child()? {
                if element.name == wrapper {
                    found = true;
                    read_members(service, output, &mut reader, &element, &mut result, 0)?;
                } else {
                    reader.skip()?;
                }
            }
            if !found && !output.members.is_empty() {
                return Err(Mismatch::new(format!("`{wrapper}` is missing")));
            }
        }
        _ => read_members(service, output, &mut reader, &root, &mut result, 0)?,
    }
    reader.finish()?;
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
    let mut reader = Reader::new(body)?;
    let root = reader.root()?;
    if root.name.eq_ignore_ascii_case("html") {
        return Err(Mismatch::new("the body is a web page"));
    }
    match output.members.iter().find(|member| member.location == Location::Body) {
        Some(member) if wire_name(member) == root.name && is_scalar(&value::shape(service, member.shape)?.kind) => {
            let text = reader.text()?;
            if !text.trim().is_empty() {
                let value = value::from_text(service, member.shape, Some(member), text)
                    .map_err(|error| error.under(&member.name))?;
                result.insert(member.name.clone(), value);
            }
        }
        _ => read_members(service, output, &mut reader, &root, result, 0)?,
    }
    reader.finish()
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

fn read_members(
    service: &Service,
    structure: &Structure,
    reader: &mut Reader<'_>,
    element: &Element<'_>,
    result: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), Mismatch> {
    for member in structure.members.iter().filter(|member| member.xml_attribute) {
        if let Some((_, text)) = element.attributes.iter().find(|(name, _)| name == wire_name(member)) {
            let value = value::from_text(service, member.shape, Some(member), text.clone().into_owned())
                .map_err(|error| error.under(&member.name))?;
            result.insert(member.name.clone(), value);
        }
    }
    while let Some(child) = reader.child()? {
        let mut known = None;
        for member in structure.members.iter().filter(|member| member.location == Location::Body) {
            if element_name(service, member)? == child.name {
                known = Some(member);
                break;
            }
        }
        let Some(member) = known else {
            reader.skip()?;
            continue;
        };
        let at = |error: Mismatch| error.under(&member.name);
        match &value::shape(service, member.shape)?.kind {
            ShapeKind::List { member: item, flattened, .. } if *flattened || member.flattened => {
                let value = read(service, item.shape, reader, &child, depth + 1).map_err(at)?;
                match result.entry(member.name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
                    Value::Array(items) => items.push(value),
                    _ => return Err(at(Mismatch::new("expected a list"))),
                }
            }
            ShapeKind::Map { key, value: target, flattened } if *flattened || member.flattened => {
                let entry = read_entry(service, key, target, reader, depth + 1).map_err(at)?;
                match result.entry(member.name.clone()).or_insert_with(|| Value::Object(Map::new())) {
                    Value::Object(entries) => entries.extend(entry),
                    _ => return Err(at(Mismatch::new("expected a map"))),
                }
            }
            _ => {
                let value = read(service, member.shape, reader, &child, depth + 1).map_err(at)?;
                result.insert(member.name.clone(), value);
            }
        }
    }
    Ok(())
}

/// The value of the element just opened, to its end.
fn read(
    service: &Service,
    id: ShapeId,
    reader: &mut Reader<'_>,
    element: &Element<'_>,
    depth: usize,
) -> Result<Value, Mismatch> {
    if depth > MAX_DEPTH {
        return Err(Mismatch::new("nested too deeply"));
    }
    match &value::shape(service, id)?.kind {
        ShapeKind::Structure(structure) => {
            let mut result = Map::new();
            read_members(service, structure, reader, element, &mut result, depth)?;
            Ok(Value::Object(result))
        }
        ShapeKind::List { member, .. } => {
            let name = member.location_name.as_deref().unwrap_or("member");
            let mut items = Vec::new();
            while let Some(child) = reader.child()? {
                if child.name == name {
                    let index = items.len();
                    items
                        .push(read(service, member.shape, reader, &child, depth + 1).map_err(|error| error.at(index))?);
                } else {
                    reader.skip()?;
                }
            }
            Ok(Value::Array(items))
        }
        ShapeKind::Map { key, value, .. } => {
            let mut entries = Map::new();
            while let Some(child) = reader.child()? {
                if child.name == "entry" {
                    entries.extend(read_entry(service, key, value, reader, depth + 1)?);
                } else {
                    reader.skip()?;
                }
            }
            Ok(Value::Object(entries))
        }
        _ => value::from_text(service, id, None, reader.text()?),
    }
}

fn read_entry(
    service: &Service,
    key: &Member,
    target: &Member,
    reader: &mut Reader<'_>,
    depth: usize,
) -> Result<Option<(String, Value)>, Mismatch> {
    let (mut name, mut found) = (None, None);
    while let Some(child) = reader.child()? {
        if child.name == key.location_name.as_deref().unwrap_or("key") {
            name = Some(reader.text()?);
        } else if child.name == target.location_name.as_deref().unwrap_or("value") {
            found = Some(read(service, target.shape, reader, &child, depth + 1)?);
        } else {
            reader.skip()?;
        }
    }
    match (name, found) {
        (Some(name), Some(value)) => Ok(Some((name, value))),
        // An entry whose value is absent.
        (Some(_), None) => Ok(None),
        (None, _) => Err(Mismatch::new("an entry of a map has no key")),
    }
}
