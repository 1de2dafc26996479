//! `service-2.json` to [`Service`]: operations, and the shapes that they reach.

use std::collections::{BTreeMap, BTreeSet};

use dodai_models::{
    ErrorShape, Location, Member, Operation, Protocol, RuleSet, Service, Shape, ShapeId, ShapeKind, Structure,
    TimestampFormat,
};
use serde_json::{Map, Value};

/// Paginators and endpoint rules are files of their own and added by the caller.
pub(super) fn compile(name: &str, model: &Value) -> Result<Service, String> {
    let metadata = object(model, "metadata")?;
    let shapes = object(model, "shapes")?;
    let operations = object(model, "operations")?;
    let ids = reachable(operations, shapes)?;
    let reader = Reader { shapes, ids: &ids };
    let endpoint_prefix = required(metadata, "endpointPrefix")?;
    Ok(Service {
        name: name.to_owned(),
        service_id: required(metadata, "serviceId")?,
        api_version: required(metadata, "apiVersion")?,
        protocol: protocol(metadata)?,
        signing_name: text(metadata, "signingName").unwrap_or_else(|| endpoint_prefix.clone()),
        endpoint_prefix,
        target_prefix: text(metadata, "targetPrefix"),
        query_compatible: metadata.contains_key("awsQueryCompatible"),
        xml_namespace: namespace(metadata),
        operations: operations
            .iter()
            .map(|(name, operation)| {
                let compiled = reader.operation(operation).map_err(|error| format!("{name}: {error}"))?;
                Ok((name.clone(), compiled))
            })
            .collect::<Result<_, String>>()?,
        shapes: ids.keys().map(|name| reader.shape(name)).collect::<Result<_, _>>()?,
        paginators: BTreeMap::new(),
        endpoint_rules: RuleSet::default(),
    })
}

/// The protocol of our choice among those that the service speaks: JSON before XML, and never CBOR.
fn protocol(metadata: &Map<String, Value>) -> Result<Protocol, String> {
    let spoken: Vec<&str> = match metadata.get("protocols").and_then(Value::as_array) {
        Some(list) if !list.is_empty() => list.iter().filter_map(Value::as_str).collect(),
        _ => metadata.get("protocol").and_then(Value::as_str).into_iter().collect(),
    };
    let json = || match metadata.get("jsonVersion").and_then(Value::as_str) {
        Some("1.0") => Ok(Protocol::AwsJson1_0),
        Some("1.1") => Ok(Protocol::AwsJson1_1),
        other => Err(format!("unknown jsonVersion {other:?}")),
    };
    for name in ["json", "rest-json", "rest-xml", "query", "ec2"] {
        if spoken.contains(&name) {
            return match name {
                "json" => json(),
                "rest-json" => Ok(Protocol::RestJson1),
                "rest-xml" => Ok(Protocol::RestXml),
                "query" => Ok(Protocol::AwsQuery),
                _ => Ok(Protocol::Ec2Query),
            };
        }
    }
    Err(format!("none of the protocols {spoken:?} is known"))
}

/// Ids, in the order of names, of the shapes that operations take or give.
fn reachable(
    operations: &Map<String, Value>,
    shapes: &Map<String, Value>,
) -> Result<BTreeMap<String, ShapeId>, String> {
    let mut open: Vec<String> = operations
        .values()
        .flat_map(|operation| ["input", "output"].map(|side| operation.get(side)))
        .flatten()
        .filter_map(|target| target.get("shape").and_then(Value::as_str))
        .map(ToOwned::to_owned)
        .collect();
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        let shape = shapes.get(&name).ok_or_else(|| format!("there is no shape `{name}`"))?;
        if !found.insert(name) {
            continue;
        }
        let members = shape.get("members").and_then(Value::as_object).into_iter().flat_map(Map::values);
        let parts = ["member", "key", "value"].into_iter().filter_map(|part| shape.get(part));
        let targets = members.chain(parts).filter_map(|part| part.get("shape").and_then(Value::as_str));
        open.extend(targets.map(ToOwned::to_owned));
    }
    found
        .into_iter()
        .enumerate()
        .map(|(id, name)| Ok((name, ShapeId::try_from(id).map_err(|error| error.to_string())?)))
        .collect()
}

struct Reader<'a> {
    shapes: &'a Map<String, Value>,
    ids: &'a BTreeMap<String, ShapeId>,
}

impl Reader<'_> {
    fn id(&self, target: &Value) -> Result<ShapeId, String> {
        let name = target.get("shape").and_then(Value::as_str).ok_or("a target without `shape`")?;
        self.ids.get(name).copied().ok_or_else(|| format!("there is no shape `{name}`"))
    }

    fn operation(&self, operation: &Value) -> Result<Operation, String> {
        let http = object(operation, "http")?;
        let input = operation.get("input").map(|target| self.id(target)).transpose()?;
        let output = operation.get("output").map(|target| self.id(target)).transpose()?;
        let side = |side: &str, key: &str| operation.get(side).and_then(Value::as_object).and_then(|it| text(it, key));
        let checksum = operation.get("httpChecksum").and_then(|it| it.get("requestChecksumRequired"));
        let auth = operation.get("auth").and_then(Value::as_array);
        Ok(Operation {
            method: required(http, "method")?,
            uri: required(http, "requestUri")?,
            code: match http.get("responseCode") {
                None => 200,
                Some(code) => whole(code).ok_or_else(|| format!("`responseCode` {code}"))?,
            },
            input,
            output,
            result_wrapper: side("output", "resultWrapper"),
            input_root: side("input", "locationName"),
            input_namespace: operation.get("input").and_then(Value::as_object).and_then(namespace),
            errors: operation
                .get("errors")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|target| self.error(target))
                .collect::<Result<_, _>>()?,
            checksum_required: flag(operation, "httpChecksumRequired") || checksum == Some(&Value::Bool(true)),
            host_prefix: operation
                .get("endpoint")
                .and_then(|it| it.get("hostPrefix"))
                .and_then(Value::as_str)
                .map(ToOwned::to_owned),
            static_context: static_context(operation)?,
            unsigned: operation.get("authtype").and_then(Value::as_str) == Some("none")
                || auth.is_some_and(|list| list.iter().any(|scheme| scheme == "smithy.api#noAuth")),
            idempotency_token: operation.get("input").and_then(|target| self.idempotency_token(target)),
        })
    }

    fn idempotency_token(&self, input: &Value) -> Option<String> {
        let shape = self.shapes.get(input.get("shape")?.as_str()?)?;
        let mut members = shape.get("members")?.as_object()?.iter();
        members.find(|(_, member)| flag(member, "idempotencyToken")).map(|(name, _)| name.clone())
    }

    fn error(&self, target: &Value) -> Result<ErrorShape, String> {
        let name = target.get("shape").and_then(Value::as_str).ok_or("an error without `shape`")?;
        let error = self.shapes.get(name).and_then(|shape| shape.get("error")).and_then(Value::as_object);
        Ok(ErrorShape {
            name: name.to_owned(),
            code: error.and_then(|it| text(it, "code")).unwrap_or_else(|| name.to_owned()),
            status: error.and_then(|it| it.get("httpStatusCode")).and_then(whole),
        })
    }

    fn shape(&self, name: &str) -> Result<Shape, String> {
        let shape = self.shapes.get(name).ok_or_else(|| format!("there is no shape `{name}`"))?;
        let kind = self.kind(shape).map_err(|error| format!("shape `{name}`: {error}"))?;
        Ok(Shape { name: name.to_owned(), kind, sensitive: flag(shape, "sensitive") })
    }

    fn kind(&self, shape: &Value) -> Result<ShapeKind, String> {
        // Bounds that no i64 holds (1e300) are no bounds.
        let (min, max) = (shape.get("min").and_then(Value::as_i64), shape.get("max").and_then(Value::as_i64));
        let part = |part: &str| {
            let target = shape.get(part).ok_or_else(|| format!("no `{part}`"))?;
            self.member("", target).map(Box::new)
        };
        Ok(match shape.get("type").and_then(Value::as_str) {
            Some("structure") => ShapeKind::Structure(self.structure(shape)?),
            Some("list") => ShapeKind::List { member: part("member")?, flattened: flag(shape, "flattened"), min, max },
            Some("map") => {
                ShapeKind::Map { key: part("key")?, value: part("value")?, flattened: flag(shape, "flattened") }
            }
            Some("string" | "character") => {
                ShapeKind::String { values: texts(shape, "enum"), min, max, json_value: flag(shape, "jsonvalue") }
            }
            Some("integer") => ShapeKind::Integer { min, max },
            Some("long") => ShapeKind::Long { min, max },
            Some("float") => ShapeKind::Float,
            Some("double") => ShapeKind::Double,
            Some("boolean") => ShapeKind::Boolean,
            Some("timestamp") => ShapeKind::Timestamp { format: timestamp_format(shape)? },
            Some("blob") => ShapeKind::Blob { streaming: flag(shape, "streaming") },
            other => return Err(format!("unknown type {other:?}")),
        })
    }

    fn structure(&self, shape: &Value) -> Result<Structure, String> {
        Ok(Structure {
            members: object(shape, "members")?
                .iter()
                .map(|(name, member)| self.member(name, member).map_err(|error| format!("member `{name}`: {error}")))
                .collect::<Result<_, _>>()?,
            required: texts(shape, "required"),
            payload: shape.get("payload").and_then(Value::as_str).map(ToOwned::to_owned),
            union: flag(shape, "union"),
            document: flag(shape, "document"),
            event_stream: flag(shape, "eventstream"),
        })
    }

    /// A member with what its target shape says about members of it (wire name, namespace, format).
    fn member(&self, name: &str, member: &Value) -> Result<Member, String> {
        let shape = self.id(member)?;
        let target = member.get("shape").and_then(Value::as_str).and_then(|name| self.shapes.get(name));
        let target = target.unwrap_or(&Value::Null);
        let merged = |key: &str| member.get(key).or_else(|| target.get(key));
        let word = |key: &str| merged(key).and_then(Value::as_str).map(ToOwned::to_owned);
        let xml = merged("xmlNamespace");
        Ok(Member {
            name: name.to_owned(),
            shape,
            location_name: word("locationName").filter(|wire| wire != name),
            query_name: word("queryName"),
            location: match member.get("location").and_then(Value::as_str) {
                None => Location::Body,
                Some("uri") => Location::Uri,
                Some("querystring") => Location::Query,
                Some("header") => Location::Header,
                Some("headers") => Location::Headers,
                Some("statusCode") => Location::StatusCode,
                Some(other) => return Err(format!("unknown location `{other}`")),
            },
            flattened: flag(member, "flattened") || flag(target, "flattened"),
            xml_attribute: flag(member, "xmlAttribute"),
            xml_namespace: xml.and_then(namespace_uri),
            xml_namespace_prefix: xml.and_then(|it| it.get("prefix")).and_then(Value::as_str).map(ToOwned::to_owned),
            timestamp_format: match timestamp_format(member)? {
                Some(format) => Some(format),
                None => timestamp_format(target)?,
            },
            json_value: flag(member, "jsonvalue") || flag(target, "jsonvalue"),
            idempotency_token: flag(member, "idempotencyToken"),
            host_label: flag(member, "hostLabel"),
            context_param: member
                .get("contextParam")
                .and_then(|it| it.get("name"))
                .and_then(Value::as_str)
                .map(ToOwned::to_owned),
            streaming: flag(member, "streaming") || flag(target, "streaming"),
        })
    }
}

/// `{"A": {"value": true}}` to `{"A":true}`.
fn static_context(operation: &Value) -> Result<Option<String>, String> {
    let Some(parameters) = operation.get("staticContextParams").and_then(Value::as_object) else { return Ok(None) };
    let values = parameters.iter().map(|(name, parameter)| {
        let value = parameter.get("value").cloned().ok_or_else(|| format!("`{name}` without `value`"))?;
        Ok((name.clone(), value))
    });
    Ok(Some(Value::Object(values.collect::<Result<_, String>>()?).to_string()))
}

fn timestamp_format(of: &Value) -> Result<Option<TimestampFormat>, String> {
    match of.get("timestampFormat").and_then(Value::as_str) {
        None => Ok(None),
        Some("iso8601") => Ok(Some(TimestampFormat::Iso8601)),
        Some("rfc822") => Ok(Some(TimestampFormat::Rfc822)),
        Some("unixTimestamp") => Ok(Some(TimestampFormat::UnixTimestamp)),
        Some(other) => Err(format!("unknown timestamp format `{other}`")),
    }
}

fn namespace(of: &Map<String, Value>) -> Option<String> {
    of.get("xmlNamespace").and_then(namespace_uri)
}

/// A namespace is text, or an object with `uri`.
fn namespace_uri(namespace: &Value) -> Option<String> {
    namespace.get("uri").unwrap_or(namespace).as_str().map(ToOwned::to_owned)
}

/// An HTTP status; some models write it as a float.
fn whole(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|code| u16::try_from(code).ok())
}

fn object<'a>(of: &'a Value, key: &str) -> Result<&'a Map<String, Value>, String> {
    of.get(key).and_then(Value::as_object).ok_or_else(|| format!("no object `{key}`"))
}

fn required(of: &Map<String, Value>, key: &str) -> Result<String, String> {
    text(of, key).ok_or_else(|| format!("no text `{key}`"))
}

fn text(of: &Map<String, Value>, key: &str) -> Option<String> {
    of.get(key).and_then(Value::as_str).map(ToOwned::to_owned)
}

fn texts(of: &Value, key: &str) -> Vec<String> {
    let list = of.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

fn flag(of: &Value, key: &str) -> bool {
    of.get(key).and_then(Value::as_bool).unwrap_or(false)
}
