//! HTTP bindings of restJson1 and restXml: which member stands in the path, the query string, a header, the status,
//! and which in the body.

use std::fmt::Write as _;

use aws_smithy_types::base64;
use dodai_models::{Location, Member, Operation, Protocol, Service, ShapeKind, Structure, TimestampFormat};
use serde_json::{Map, Value};

use super::value::{self, Mismatch, wire_name};
use super::{Reply, Request, json, json_read, structure, xml_read, xml_write};

pub(super) fn request(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Request, Mismatch> {
    let (path, fixed_query) = match operation.uri.split_once('?') {
        Some((path, query)) => (path, query),
        None => (operation.uri.as_str(), ""),
    };
    // The endpoint rules put the bucket into the host or the path of S3's endpoint.
    let path = match path.strip_prefix("/{Bucket}") {
        Some(rest) if service.name == "s3" => rest,
        _ => path,
    };
    let mut request = Request {
        method: operation.method.clone(),
        path: fill_path(service, operation, path, params)?,
        query: fixed_query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        host_prefix: None,
    };
    if let Some(input) = structure(service, operation.input) {
        for (name, value) in params {
            let Some(member) = input.members.iter().find(|member| member.name == *name) else {
                return Err(Mismatch::new("there is no such member").under(name));
            };
            if !value.is_null() {
                bind(service, member, value, &mut request).map_err(|error| error.under(name))?;
            }
        }
        write_body(service, operation, input, params, &mut request)?;
    }
    // API Gateway answers in another form of JSON (HAL), whose lists go by other names, unless it is asked not to
    // ("Amazon API Gateway Customizations" of Smithy).
    if service.name == "apigateway" && !request.headers.iter().any(|(name, _)| name == "accept") {
        request.headers.push(("accept".to_owned(), "application/json".to_owned()));
    }
    Ok(request)
}

fn bind(service: &Service, member: &Member, value: &Value, request: &mut Request) -> Result<(), Mismatch> {
    let text = |member: &Member, value: &Value| {
        value::to_text(service, member.shape, Some(member), value, TimestampFormat::Iso8601)
    };
    let kind = &value::shape(service, member.shape)?.kind;
    match (member.location, kind, value) {
        (Location::Query, ShapeKind::List { member: element, .. }, Value::Array(items)) => {
            let element = Member { location: Location::Query, ..(**element).clone() };
            for (index, item) in items.iter().enumerate() {
                let text = text(&element, item).map_err(|error| error.at(index))?;
                add_query(&mut request.query, wire_name(member), &text);
            }
        }
        (Location::Query, ShapeKind::Map { value: target, .. }, Value::Object(entries)) => {
            for (key, value) in entries {
                let values = match value {
                    Value::Array(items) => items.as_slice(),
                    value => std::slice::from_ref(value),
                };
                let target = match &value::shape(service, target.shape)?.kind {
                    ShapeKind::List { member, .. } => &**member,
                    _ => &**target,
                };
                for value in values {
                    add_query(&mut request.query, key, &text(target, value).map_err(|error| error.under(key))?);
                }
            }
        }
        (Location::Query, ..) => add_query(&mut request.query, wire_name(member), &text(member, value)?),
        (Location::Header, ShapeKind::List { member: element, .. }, Value::Array(items)) => {
            let element = Member { location: Location::Header, ..(**element).clone() };
            let mut texts = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                texts.push(quoted(text(&element, item).map_err(|error| error.at(index))?));
            }
            add_header(&mut request.headers, wire_name(member), texts.join(","))?;
        }
        (Location::Header, ..) => add_header(&mut request.headers, wire_name(member), text(member, value)?)?,
        (Location::Headers, ShapeKind::Map { value: target, .. }, Value::Object(entries)) => {
            for (key, value) in entries {
                let text = text(target, value).map_err(|error| error.under(key))?;
                add_header(&mut request.headers, &format!("{}{key}", wire_name(member)), text)?;
            }
        }
        (Location::Headers, _, other) => return Err(Mismatch::wrong_type("an object", other)),
        (Location::Body | Location::Uri | Location::StatusCode, ..) => {}
    }
    Ok(())
}

fn add_query(query: &mut String, name: &str, text: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(&percent_encode(name, false));
    query.push('=');
    query.push_str(&percent_encode(text, false));
}

fn add_header(headers: &mut Vec<(String, String)>, name: &str, text: String) -> Result<(), Mismatch> {
    // What would end the header and begin another one is refused here already.
    if text.chars().any(char::is_control) {
        return Err(Mismatch::new("a header cannot carry control characters"));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err(Mismatch::new("not a header name"));
    }
    headers.push((name.to_ascii_lowercase(), text));
    Ok(())
}

/// An item of a list in a header: in quotes where it would else fall apart.
fn quoted(text: String) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) } else { text }
}

/// The items of a list in a header.
fn unquoted(text: &str) -> Vec<String> {
    let (mut items, mut item, mut in_quotes) = (Vec::new(), String::new(), false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => in_quotes = !in_quotes,
            '\\' if in_quotes => item.extend(letters.next()),
            ',' if !in_quotes => items.push(std::mem::take(&mut item).trim().to_owned()),
            letter => item.push(letter),
        }
    }
    items.push(item.trim().to_owned());
    items
}

/// RFC 3986's unreserved characters stay, as signature version 4 wants it.
fn percent_encode(text: &str, keep_slash: bool) -> String {
    let mut result = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || (keep_slash && byte == b'/') {
            result.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(result, "%{byte:02X}");
        }
    }
    result
}

/// Replaces `{label}` and `{label+}` of a template.
fn fill(template: &str, mut value: impl FnMut(&str, bool) -> Result<String, Mismatch>) -> Result<String, Mismatch> {
    let mut result = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (label, after) = after.split_once('}').ok_or_else(|| Mismatch::new("the model's path is damaged"))?;
        result.push_str(before);
        result.push_str(&match label.strip_suffix('+') {
            Some(label) => value(label, true)?,
            None => value(label, false)?,
        });
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

fn fill_path(
    service: &Service,
    operation: &Operation,
    template: &str,
    params: &Map<String, Value>,
) -> Result<String, Mismatch> {
    let members = structure(service, operation.input).map_or(&[][..], |input| &input.members);
    let path = fill(template, |label, greedy| {
        let member = members
            .iter()
            .find(|member| member.location == Location::Uri && wire_name(member) == label)
            .ok_or_else(|| Mismatch::new("the model's path names no member").under(label))?;
        let missing = || Mismatch::new("required: it stands in the path").under(&member.name);
        let value = params.get(&member.name).filter(|value| !value.is_null()).ok_or_else(missing)?;
        let text = value::to_text(service, member.shape, Some(member), value, TimestampFormat::Iso8601)
            .map_err(|error| error.under(&member.name))?;
        // An empty label would turn the request for one thing into the request for the list of them; a segment of
        // dots would be folded away with what is before it.
        let folds = |text: &str| text == "." || text == "..";
        if text.is_empty() || (service.name != "s3" && text.split('/').any(folds)) {
            return Err(Mismatch::new("cannot be empty or `.` in a path").under(&member.name));
        }
        Ok(percent_encode(&text, greedy))
    })?;
    Ok(if path.starts_with('/') { path } else { format!("/{path}") })
}

/// The operation's prefix to the host with its labels filled in.
pub(super) fn host_prefix(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Option<String>, Mismatch> {
    let Some(template) = &operation.host_prefix else { return Ok(None) };
    let members = structure(service, operation.input).map_or(&[][..], |input| &input.members);
    fill(template, |label, _| {
        let name = members
            .iter()
            .find(|member| member.host_label && wire_name(member) == label)
            .map_or(label, |member| &member.name);
        let valid = |text: &&str| {
            !text.is_empty()
                && text.len() <= 63
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let text = params.get(name).and_then(Value::as_str).filter(valid);
        text.map(str::to_owned)
            .ok_or_else(|| Mismatch::new("required: it stands in the host name (letters, digits, `-`)").under(name))
    })
    .map(Some)
}

fn write_body(
    service: &Service,
    operation: &Operation,
    input: &Structure,
    params: &Map<String, Value>,
    request: &mut Request,
) -> Result<(), Mismatch> {
    let content_type = match &input.payload {
        Some(payload) => {
            let Some(member) = input.members.iter().find(|member| member.name == *payload) else {
                return Err(Mismatch::new("the model's payload names no member"));
            };
            let value = match params.get(payload).filter(|value| !value.is_null()) {
                Some(value) => value,
                // A JSON document is there even when nothing is in it ("HTTP binding traits" of Smithy, `httpPayload`).
                None if service.protocol == Protocol::RestJson1 && service.structure(member.shape).is_some() => {
                    &Value::Object(Map::new())
                }
                None => return Ok(()),
            };
            let (body, content_type) = payload_body(service, member, value).map_err(|error| error.under(payload))?;
            request.body = body;
            content_type
        }
        None if !input.members.iter().any(json::in_body) => return Ok(()),
        None if service.protocol == Protocol::RestXml => {
            let given =
                |member: &&Member| json::in_body(member) && params.get(&member.name).is_some_and(|v| !v.is_null());
            if !input.members.iter().any(|member| given(&member)) {
                return Ok(());
            }
            let root = operation.input_root.as_deref().or_else(|| {
                operation.input.and_then(|id| value::shape(service, id).ok()).map(|shape| shape.name.as_str())
            });
            let namespace = operation.input_namespace.as_deref();
            request.body =
                xml_write::document(service, input, params, root.unwrap_or_default(), namespace)?.into_bytes();
            "application/xml"
        }
        None => {
            let body = json::encode_structure(service, input, params, json::in_body, 0)?;
            request.body = Value::Object(body).to_string().into_bytes();
            "application/json"
        }
    };
    // A parameter may have set the type already (S3's ContentType).
    if !request.headers.iter().any(|(name, _)| name == "content-type") {
        request.headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    Ok(())
}

fn payload_body(service: &Service, member: &Member, value: &Value) -> Result<(Vec<u8>, &'static str), Mismatch> {
    let shape = value::shape(service, member.shape)?;
    Ok(match (&shape.kind, value) {
        (ShapeKind::Blob { .. }, value) => (value::blob(value)?, "application/octet-stream"),
        (ShapeKind::String { .. }, Value::String(text)) => (text.clone().into_bytes(), "text/plain"),
        (ShapeKind::Structure(target), Value::Object(params)) if service.protocol == Protocol::RestXml => {
            let root = wire_name(member);
            let document = xml_write::document(service, target, params, root, member.xml_namespace.as_deref())?;
            (document.into_bytes(), "application/xml")
        }
        (_, value) => {
            (json::encode(service, member.shape, Some(member), value, 0)?.to_string().into_bytes(), "application/json")
        }
    })
}

pub(super) fn reply(service: &Service, operation: &Operation, reply: &Reply) -> Result<Value, Mismatch> {
    let mut result = Map::new();
    let Some(output) = structure(service, operation.output) else { return Ok(Value::Object(result)) };
    for member in &output.members {
        if let Some(value) = from_headers(service, member, reply).map_err(|error| error.under(&member.name))? {
            result.insert(member.name.clone(), value);
        }
    }
    if let Some(payload) = &output.payload {
        let Some(member) = output.members.iter().find(|member| member.name == *payload) else {
            return Err(Mismatch::new("the model's payload names no member"));
        };
        match from_payload(service, member, reply).map_err(|error| error.under(payload))? {
            Some(value) => {
                result.insert(payload.clone(), value);
            }
            None if must_speak(operation, reply) => return Err(Mismatch::new("the reply has no body")),
            None => {}
        }
    } else if reply.body.is_empty() {
        if must_speak(operation, reply) && output.members.iter().any(json::in_body) {
            return Err(Mismatch::new("the reply has no body"));
        }
    } else if service.protocol == Protocol::RestXml {
        xml_read::rest_reply(service, output, &reply.body, &mut result)?;
    } else if let Some(shape) = operation.output.filter(|_| output.members.iter().any(json::in_body))
        && let Value::Object(members) = json_read::read(service, shape, None, &reply.body, true)?
    {
        result.extend(members);
    }
    Ok(Value::Object(result))
}

/// A reading operation always has something to say; a writing one may answer with the status alone.
fn must_speak(operation: &Operation, reply: &Reply) -> bool {
    operation.method == "GET" && reply.status != 204
}

/// Whether the reply's body is a document of the model's, not a file's or a policy's text.
pub(super) fn has_document(service: &Service, operation: &Operation) -> bool {
    let payload = structure(service, operation.output).and_then(|output| {
        let payload = output.payload.as_ref()?;
        output.members.iter().find(|member| member.name == *payload)
    });
    payload
        .and_then(|member| value::shape(service, member.shape).ok())
        .is_none_or(|shape| !matches!(shape.kind, ShapeKind::Blob { .. } | ShapeKind::String { .. }))
}

fn from_headers(service: &Service, member: &Member, reply: &Reply) -> Result<Option<Value>, Mismatch> {
    let name = wire_name(member).to_ascii_lowercase();
    match (member.location, &value::shape(service, member.shape)?.kind) {
        (Location::StatusCode, _) => Ok(Some(Value::from(reply.status))),
        (Location::Header, ShapeKind::List { member: element, .. }) => {
            let Some(text) = reply.header(&name) else { return Ok(None) };
            let items = unquoted(text)
                .into_iter()
                .map(|item| value::from_text(service, element.shape, None, item.into()))
                .collect::<Result<_, _>>()?;
            Ok(Some(Value::Array(items)))
        }
        (Location::Header, _) => match reply.header(&name) {
            Some(text) => value::from_text(service, member.shape, Some(member), text.into()).map(Some),
            None => Ok(None),
        },
        (Location::Headers, _) => {
            let entries: Map<String, Value> = reply
                .headers
                .iter()
                .filter_map(|(key, text)| Some((key.strip_prefix(&name)?.to_owned(), Value::from(text.as_str()))))
                .collect();
            Ok((!entries.is_empty()).then_some(Value::Object(entries)))
        }
        (Location::Body | Location::Uri | Location::Query, _) => Ok(None),
    }
}

fn from_payload(service: &Service, member: &Member, reply: &Reply) -> Result<Option<Value>, Mismatch> {
    let shape = value::shape(service, member.shape)?;
    Ok(match &shape.kind {
        ShapeKind::Blob { .. } => Some(Value::String(base64::encode(&reply.body))),
        ShapeKind::String { .. } => {
            let text = std::str::from_utf8(&reply.body).map_err(|_| Mismatch::new("expected text in UTF-8"))?;
            Some(Value::from(text))
        }
        _ if reply.body.is_empty() => None,
        ShapeKind::Structure(target) if service.protocol == Protocol::RestXml => {
            let mut result = Map::new();
            xml_read::rest_reply(service, target, &reply.body, &mut result)?;
            Some(Value::Object(result))
        }
        _ => Some(json_read::read(service, member.shape, Some(member), &reply.body, false)?),
    })
}
